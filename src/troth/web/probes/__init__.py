"""Probes: how our own pages are tried, each for one promise of theirs."""
