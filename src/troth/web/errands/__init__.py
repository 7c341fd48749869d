"""Errands: somebody gives what one clause takes in; pages of several rooms run them."""
