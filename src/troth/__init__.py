"""A privacy agreement that executes: nothing happens to personal data that the agreement does not say."""

__version__ = "0.1.0"
