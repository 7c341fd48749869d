"""What was promised: pure values and text; no input or output, no clock, no keys."""
