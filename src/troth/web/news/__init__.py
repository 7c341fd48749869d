"""Telling people, and the organisation itself, what happened to requests."""
