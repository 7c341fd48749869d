"""Copy and move: a package of everything that is held of a member, made behind the page and fetched once."""

from starlette.responses import Response, StreamingResponse

from troth.acts import packages
from troth.custody.packages.packing import Making
from troth.custody.packages.parcels import Package
from troth.errors import PackageGone
from troth.terms.agreement import RightRule
from troth.terms.vocabulary import RightName
from troth.web import belongings, packing
from troth.web.knowing import known_of
from troth.web.lexicon import cite, lexicon_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.visit import Visit

pages = Pages()
RIGHTS = {"access": RightName.ACCESS, "port": RightName.PORT}
SHOWN = 10  # packages, the latest


@pages.page("/copy", permission=Permission.MEMBER)
async def offer(visit: Visit) -> Response:
    """Say what is in a package, what is not and why; offer to make one, and those that are made."""
    known = await known_of(visit)
    book, lexicon = visit.hall.house.book, lexicon_of(visit.hall.agreement)
    counts: dict[str, int] = {}
    for each in known.held:
        counts[each.category] = max(counts.get(each.category, 0), each.count)
    made = await _packages(visit)
    return visit.page(
        "portal/copy.html",
        visit.words("Copy and move"),
        kinds=[(lexicon.category(category), count) for category, count in counts.items()],
        withheld=[
            (lexicon.category(category), lexicon.field(category, name))
            for category in counts
            for name in belongings.may(book, category).secret
        ],
        sure=visit.member.assurance(visit.now) != "signed_in",
        making=[each for each in made if each.state == "making"],
        ready=[each for each in made if each.state == "ready"],
        over=[each for each in reversed(made) if each.state in ("taken", "gone")],
        rights=[right for right, name in RIGHTS.items() if _clause(visit, name)],
        port=_clause(visit, RightName.PORT),
        lang=visit.hall.agreement.language,
    )


@pages.page("/copy/make", permission=Permission.MEMBER, methods=("POST",))
async def make(visit: Visit) -> Response:
    """Have a package made; what refuses it is told before anything is begun."""
    visit.limit("copy")
    right = "port" if visit.form.get("right") == "port" else "access"
    job = packages.packing_of(
        by=visit.by, about=visit.member.subject, right=right, language=visit.reader.language
    )
    made = (each for each in await _packages(visit) if each.right == right and each.state == "making")
    if next(made, None) is None:
        making: Making = await packages.order_soon(visit.hall.teller, job)
        packing.begin(visit.hall, making, visit.reader)
    return visit.go("/copy")


@pages.page("/copy/fetch", permission=Permission.MEMBER, methods=("POST",))
async def fetch(visit: Visit) -> Response:
    """Give a package that is ready, once, while it is opened; it is remembered before and at the end."""
    visit.limit("copy")
    wanted = belongings.record_of(visit.form.get("package", ""))
    found = next((each for each in await _packages(visit) if each.id == wanted), None)
    if found is None:
        raise PackageGone
    chunks = await packages.taken_soon(visit.hall.teller, wanted, by=visit.by, about=visit.member.subject)
    headers = {
        "content-disposition": 'attachment; filename="my-data.zip"',
        "content-length": str(found.size),
        "cache-control": "no-store",
    }
    return StreamingResponse(packing.streamed(chunks), media_type="application/zip", headers=headers)


async def _packages(visit: Visit) -> tuple[Package, ...]:
    return (await packages.packages_soon(visit.hall.teller, visit.member.subject))[-SHOWN:]


def _clause(visit: Visit, right: RightName) -> tuple[str, str, str] | None:
    rules = visit.hall.agreement.rules()
    return next((cite(c) for c, r in rules if isinstance(r, RightRule) and r.right is right), None)
