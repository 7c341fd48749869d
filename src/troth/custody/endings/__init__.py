"""How data ends: with its time, with a choice, with a return that was left open, or with its person."""
