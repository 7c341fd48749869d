"""The ledger in public: its signed state, the hashes under it, and proofs (C2SP tlog-tiles, tlog-proof).

The entries themselves are given to nobody but the person whom they are about, on their own pages: a line
names nobody, but all lines about one person bear one pseudonym, and no clause says that everybody may
follow it. So `tile/entries/...` stands nowhere here; hashes prove a line to whoever has it, and tell
nothing of it.
"""

from functools import partial

from starlette.responses import RedirectResponse, Response

from troth.custody.publishing import proof_of, tile_of
from troth.errors import NoSuchEntry
from troth.ledger.proof import SUFFIX, format_proof
from troth.ledger.tiles import position_of
from troth.store import entries
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.problems import plain
from troth.web.public.machines import OPEN
from troth.web.visit import Visit

pages = Pages()
_NO_TILE = plain(404, "web.no-route", "the signed ledger has no such tile, or it is given to nobody")
_FOR_EVER = {**OPEN, "cache-control": "public, max-age=31536000, immutable"}


@pages.page("/ledger/", permission=Permission.PUBLIC)
async def about(visit: Visit) -> Response:
    """Lead whoever reads the address to what is said of it."""
    _ = visit
    return RedirectResponse("/agreement#verify", 302)


@pages.page("/ledger/checkpoint", permission=Permission.PUBLIC)
async def checkpoint(visit: Visit) -> Response:
    """Give the last signed state of the ledger."""
    found = await visit.hall.teller.alone_soon(lambda desk: entries.last_checkpoint(desk.unit))
    if found is None:
        raise NoSuchEntry(number=0, size=0)
    return Response(str(found[1]), media_type="text/plain; charset=utf-8", headers=OPEN)


@pages.page("/ledger/log.vkey", permission=Permission.PUBLIC)
async def key(visit: Visit) -> Response:
    """Give the key that verifies the signed state."""
    vkey = f"{visit.hall.house.signer.verifier.vkey}\n"
    return Response(vkey, media_type="text/plain; charset=utf-8", headers=OPEN)


@pages.page("/ledger/tile/{path:path}", permission=Permission.PUBLIC)
async def tile(visit: Visit) -> Response:
    """Give one tile of hashes; a tile never changes."""
    path = f"tile/{visit.http.path_params['path']}"
    place = position_of(path)
    if place is None:
        return _NO_TILE
    level, index, width = place
    if level is None:
        return _NO_TILE
    work = partial(tile_of, level=level, index=index, width=width)
    hashes = await visit.hall.teller.alone_soon(work)
    if not hashes:
        return _NO_TILE
    return Response(hashes, media_type="application/octet-stream", headers=_FOR_EVER)


@pages.page("/ledger/proof/{number}", permission=Permission.PUBLIC)
async def proof(visit: Visit) -> Response:
    """Give the proof of the entry of a number: for whoever has the entry, as its receipt says."""
    visit.limit("proof")
    said = visit.http.path_params["number"]
    number = int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else -1
    found, _ = await visit.hall.teller.alone_soon(lambda desk: proof_of(desk, number))
    name = f'attachment; filename="{number}{SUFFIX}"'
    return Response(
        format_proof(found),
        media_type="text/plain; charset=utf-8",
        headers={**OPEN, "content-disposition": name},
    )
