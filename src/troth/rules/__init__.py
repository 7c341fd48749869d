"""What follows from what was promised: pure functions from values to decisions."""
