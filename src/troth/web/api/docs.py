"""What the description of the API says of itself."""

from fastapi import FastAPI

SUMMARY = "A privacy agreement that executes."
DESCRIPTION = "Every act on personal data names its purpose, is decided by the agreement, and remembered."


def describe(app: FastAPI) -> None:
    """Complete the OpenAPI document of an application."""
    _ = app
