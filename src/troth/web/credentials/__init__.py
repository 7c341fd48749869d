"""Signing in: what is chosen, shown, typed or held, judged without a store and without a network."""
