"""Every route of the API, gathered."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/v1")
