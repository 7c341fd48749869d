"""My data: everything that is held, by kind; masked until its person confirms that it is them."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.responses import Response

from troth.custody.hand_out import Held
from troth.custody.holdings import Holding
from troth.custody.plans import STORED_APART
from troth.errors import NothingHeld
from troth.web import belongings, disclosures
from troth.web.accounts.entering import identifiers, rule_of
from troth.web.knowing import SPAN, known_of
from troth.web.languages import direction
from troth.web.lexicon import cite, lexicon_of
from troth.web.mapping import map_of
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.staying import stays
from troth.web.telling import is_use
from troth.web.visit import Visit

pages = Pages()
EACH = 25  # records on a page


@pages.page("/data", permission=Permission.MEMBER)
async def mine(visit: Visit) -> Response:
    """Show the map, every kind that is held, and what is not in it."""
    book = visit.hall.house.book
    lexicon = lexicon_of(visit.hall.agreement)
    known = await known_of(visit, wanted=is_use, limit=1_000, since=visit.now - SPAN)
    by_kind: dict[str, list[Holding]] = {}
    for each in known.held:
        by_kind.setdefault(each.category, []).append(each)
    language = visit.reader.language
    staying = {
        each.kept: found.stay
        for found in stays(known, visit.hall.house, visit.reader, visit.words)
        for each in known.held
        if each.kept == found.kept
    }
    return visit.page(
        "portal/mine.html",
        visit.words("My data"),
        picture=map_of(
            lexicon,
            tuple(by_kind),
            (entry for _number, entry in known.recalled.entries),
            whole=True,
            words=visit.words,
            language=language,
            rtl=direction(language) == "rtl",
        ),
        kinds=[
            (
                f"/data/{category}",
                lexicon.category(category),
                max(each.count for each in some),
                max(each.last for each in some),
                max(
                    (staying[each.kept] for each in some),
                    key=lambda stay: stay.ends or stay.latest or 1 << 62,
                ),
            )
            for category, some in by_kind.items()
        ],
        empty=[
            lexicon.category(each)
            for each in dict.fromkeys(c for c, _w in book.intakes)
            if each not in by_kind
        ],
        secrets=[
            lexicon.field(category, name)
            for category in by_kind
            for name in belongings.may(book, category).secret
        ],
        totals=[
            (clause.title, cite(clause)) for clause, rule in lexicon.uses() if rule.leaves == "aggregates"
        ],
        lang=lexicon.language,
    )


@pages.page("/data/{category}", permission=Permission.MEMBER)
async def kind(visit: Visit) -> Response:
    """Show what is held of one kind, masked."""
    category = visit.http.path_params["category"]
    handed = await belongings.read(visit, category, masked=True)
    return await _kind(visit, category, handed.records, revealed=False)


@pages.page("/data/{category}", permission=Permission.MEMBER, methods=("POST",))
async def reveal(visit: Visit) -> Response:
    """Show what is held of one kind; pictures and files come from addresses of their own."""
    category = visit.http.path_params["category"]
    book = visit.hall.house.book
    specs = book.fields.get(category, {})
    secret = belongings.may(book, category).secret
    plain = [name for name, spec in specs.items() if spec.type not in STORED_APART and name not in secret]
    handed = await belongings.read(visit, category, masked=False, fields=plain)
    records = list(handed.records)
    if len(plain) + len(secret) < len(specs):
        masked = await belongings.read(visit, category, masked=True)
        clear = {each.id: each.values for each in records}
        records = [replace(each, values={**each.values, **clear.get(each.id, {})}) for each in masked.records]
    return await _kind(visit, category, records, revealed=True)


async def _kind(visit: Visit, category: str, records: Sequence[Held], *, revealed: bool) -> Response:
    book, lexicon = visit.hall.house.book, lexicon_of(visit.hall.agreement)
    found = belongings.belongings(visit, lexicon, records, revealed=revealed)
    page = _page(visit, last=max(-(-len(found) // EACH), 1))
    path = f"/data/{category}"
    intake = belongings.intake_of(book, category)
    rule = rule_of(visit.hall)
    allowed = belongings.may(book, category)
    duty = book.keep(intake.rule.keep)[1].duty if intake else ""
    own = (
        frozenset(str(spec.name) for spec in identifiers(visit.hall))
        if category == rule.identifiers
        else frozenset()
    )
    return visit.page(
        "portal/kind.html",
        visit.words("My data: one kind"),
        category=category,
        words=lexicon.category(category),
        records=found[(page - 1) * EACH : page * EACH],
        count=len(found),
        page=page,
        here=f"{path}?page={page}" if page > 1 else path,
        older=f"{path}?page={page + 1}" if page * EACH < len(found) else "",
        revealed=revealed,
        source=intake.rule.source if intake else "",
        aims=list(dict.fromkeys(aim for each in intake.rule.purposes for aim in lexicon.purposes(each)))
        if intake
        else [],
        correct=sorted(allowed.correct - own),
        review=[lexicon.field(category, name) for name in sorted(allowed.review)],
        amend=bool(allowed.review),
        remove=allowed.remove and not own and not duty,
        duty=duty,
        identifying=bool(own),
        account=category in (rule.credentials, rule.sessions),
        secrets=[lexicon.field(category, name) for name in allowed.secret],
        got=await disclosures.got(visit, category),
        lang=lexicon.language,
    )


def _page(visit: Visit, *, last: int) -> int:
    """Return which page is asked for, by its address or by the form on it; never one beyond the last."""
    said = visit.form.get("page") or visit.http.query_params.get("page", "1")
    return min(max(int(said), 1), last) if said.isascii() and said.isdecimal() and len(said) < 7 else 1


@pages.page("/data/{category}/{record}/file/{field}", permission=Permission.MEMBER)
async def apart(visit: Visit) -> Response:
    """Give one picture or file; raises `NothingHeld` for what is none of the member's."""
    at = visit.http.path_params
    record, name = belongings.record_of(at["record"]), at["field"]
    handed = await belongings.read(visit, at["category"], masked=False, fields=[name])
    for each in handed.records:
        content = each.values[name].reveal() if each.id == record and name in each.values else None
        if isinstance(content, bytes):
            media = belongings.media_of(content)
            inline = media.startswith("image/")
            shown = "inline" if inline else f'attachment; filename="{name}"'
            return Response(content, media_type=media, headers={"content-disposition": shown})
    raise NothingHeld(field=name if name in visit.hall.house.book.fields.get(at["category"], {}) else "")
