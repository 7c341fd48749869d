"""The ledger's signed state, and proofs that an entry is in it; entries themselves are not listed here."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from troth.custody.publishing import proof_of
from troth.errors import NoSuchEntry
from troth.ledger.proof import format_proof
from troth.store import entries
from troth.web.api.calls import Calling
from troth.web.api.operations import PREFIX, Operation, operation
from troth.web.permission import Permission

router = APIRouter(prefix=PREFIX, route_class=Operation, tags=["ledger"])

Entry = Annotated[int, Path(ge=0, le=2**53 - 1, description="The number on a receipt.")]
_TEXT = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@operation(
    router,
    "GET",
    "/ledger/checkpoint",
    permission=Permission.PUBLIC,
    offers=("text/plain",),
    response_class=Response,
    responses=_TEXT,
    also=(404, 429),
)
async def read_checkpoint(call: Calling) -> Response:
    """Read the last signed state of the ledger (C2SP tlog-checkpoint)."""
    call.limit("api.ledger")
    found = await call.hall.teller.alone_soon(lambda desk: entries.last_checkpoint(desk.unit))
    if found is None:
        raise NoSuchEntry(number=0, size=0)
    return _text(str(found[1]).encode("utf-8"))


@operation(
    router,
    "GET",
    "/ledger/entries/{entry}/proof",
    permission=Permission.PUBLIC,
    offers=("text/plain",),
    response_class=Response,
    responses=_TEXT,
    also=(404, 429),
)
async def read_proof(call: Calling, entry: Entry) -> Response:
    """Read the proof that an entry is in the ledger, for whoever has its hash (C2SP tlog-proof).

    It does not hold the entry: whoever has a receipt has its `leaf_hash`.
    """
    call.limit("api.ledger")
    proof, _ = await call.hall.teller.alone_soon(lambda desk: proof_of(desk, entry))
    return _text(format_proof(proof))


def _text(content: bytes) -> Response:
    return Response(content, media_type="text/plain")
