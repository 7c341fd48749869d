"""How one entry about the member is proven: itself, its path to the signed root, and the key to check it."""

from base64 import b64encode
from dataclasses import dataclass, replace

from starlette.responses import Response

from troth.custody.desk import Desk
from troth.custody.publishing import proof_of
from troth.custody.recalling import entry_about
from troth.errors import NoSuchEntry, NotAbout
from troth.ledger import entry as ledger
from troth.ledger.checkpoint import Checkpoint, open_checkpoint
from troth.ledger.entry import Entry
from troth.ledger.proof import SUFFIX, Proof, format_proof
from troth.ledger.tree import leaf_hash, node_hash
from troth.web import mishaps, pictures
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.pictures import Step
from troth.web.telling import told
from troth.web.visit import Visit

pages = Pages()


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry about somebody, and its proof once a checkpoint reaches it."""

    entry: Entry
    leaf: bytes
    proof: Proof | None
    checkpoint: Checkpoint | None


async def proven(visit: Visit) -> tuple[int, Proven]:
    """Return (number, entry and proof) of the entry that the address names.

    Raises `NotAbout` for every entry that is not about the member, whether or not there is one.
    """
    said = visit.http.path_params["entry"]
    number = int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else -1
    subject = visit.member.subject

    def work(desk: Desk) -> Proven:
        entry = entry_about(desk, subject, number)
        if entry is None:
            raise NotAbout(number=number)
        try:
            proof, leaf = proof_of(desk, number)
        except NoSuchEntry:
            return Proven(entry, ledger.encode(entry), None, None)
        signed = open_checkpoint(proof.signed, desk.house.signer.verifier)
        return Proven(entry, leaf, proof, signed)

    return number, await visit.hall.teller.alone_soon(work)


def climbed(proof: Proof, leaf: bytes, size: int) -> tuple[Step, ...]:
    """Return every level of a proof: the sibling, its side, and the hash of both (RFC 9162, 2.1.3.2)."""
    here, last, found = proof.index, size - 1, leaf_hash(leaf)
    steps = []
    for beside in proof.path:
        left = bool(here & 1) or here == last
        found = node_hash(beside, found) if left else node_hash(found, beside)
        steps.append(Step(beside.hex(), "left" if left else "right", found.hex()))
        while left and not here & 1 and here:
            here, last = here >> 1, last >> 1
        here, last = here >> 1, last >> 1
    return tuple(steps)


@pages.page("/seen/{entry}", permission=Permission.MEMBER)
async def show(visit: Visit) -> Response:
    """Show an entry with its proof."""
    number, found = await proven(visit)
    house, proof, checkpoint = visit.hall.house, found.proof, found.checkpoint
    picture = None
    if proof is not None and checkpoint is not None:
        steps = climbed(proof, found.leaf, checkpoint.size)
        picture = pictures.climb(leaf_hash(found.leaf).hex(), steps, checkpoint.root.hex())
    return visit.page(
        "portal/proof.html",
        visit.words("How this entry is proven"),
        number=number,
        record=replace(told(house, number, found.entry, visit.words), proof=""),
        leaf=found.leaf.decode("ascii"),
        proof=proof,
        path=" ".join(b64encode(step).decode("ascii") for step in proof.path) if proof else "",
        signed=proof.signed.decode("utf-8") if proof else "",
        size=checkpoint.size if checkpoint else 0,
        vkey=house.signer.verifier.vkey,
        picture=picture,
        command=f"troth ledger check-proof {number}{SUFFIX} --vkey '{house.signer.verifier.vkey}'",
        why_not=[mishaps.reason(visit, *each.partition(":")[::2])[0] for each in found.entry.reasons],
        lang=visit.hall.agreement.language,
        consent=found.entry.kind.startswith("consent."),
        scripts=("verify.js",) if proof else (),
    )


@pages.page("/seen/{entry}/proof", permission=Permission.MEMBER)
async def download(visit: Visit) -> Response:
    """Give the proof as a file that anyone can check without us; it holds the entry."""
    number, found = await proven(visit)
    if found.proof is None:
        raise NoSuchEntry(
            number=number, size=visit.hall.house.published.size if visit.hall.house.published else 0
        )
    content = format_proof(replace(found.proof, extra=found.leaf))
    name = f'attachment; filename="{number}{SUFFIX}"'
    return Response(content, media_type="text/plain; charset=utf-8", headers={"content-disposition": name})
