"""Accounts: who is signed in, what proves that it is them, and how one becomes a member."""
