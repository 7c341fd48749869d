"""Sealing: the room that knows bytes, not people.

What it keeps: no value is sealed without its context; no key is kept longer than the call that
needs it, save the few that open all others; whatever is altered, moved or under another key fails
alike; nothing here ever renders as text what it guards.
"""
