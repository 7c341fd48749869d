"""Packages: all that is held of somebody, written as a stream, sealed, given once or brought here."""
