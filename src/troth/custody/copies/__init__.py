"""Copies of a house and its return from one: written, read back, restored in quarantine, replayed."""
