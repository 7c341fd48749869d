"""Who saw my data: every entry of the ledger about the member, newest first."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import replace

from starlette.responses import Response

from troth.clock import Instant
from troth.house import House
from troth.ledger.entry import Entry
from troth.web import pictures
from troth.web.knowing import SPAN, known_of
from troth.web.languages import Reader, direction
from troth.web.pages import Pages
from troth.web.permission import Permission
from troth.web.pictures import Lane, Lanes, Mark
from troth.web.telling import KINDS, Record, Words, act_of, kind_of, told
from troth.web.visit import Visit

pages = Pages()
LIMIT = 50  # entries on a page
DRAWN = 400  # entries in the picture
OTHERS, REFUSED, ALL = "others", "refused", "all"
FILTERS = (OTHERS, *KINDS, REFUSED, ALL)


@pages.page("/seen", permission=Permission.MEMBER)
async def seen(visit: Visit) -> Response:
    """Show who saw what."""
    house, query = visit.hall.house, visit.http.query_params
    who = query.get("who", OTHERS)
    who = who if who in FILTERS else OTHERS
    before = number_of(query.get("older", ""))
    known = await known_of(visit, wanted=_filter(house, who), before=before, limit=LIMIT)
    entries = known.recalled.entries
    each = query.get("each") == "yes"
    records = [told(house, number, entry, visit.words) for number, entry in entries]
    older = known.recalled.older
    here = f"/seen?who={who}" + ("&each=yes" if each else "")
    return visit.page(
        "portal/seen.html",
        visit.words("Who saw my data"),
        records=records if each else grouped(records, visit.reader, visit.words),
        folded=not each,
        filters=[(name, f"/seen?who={name}", name == who) for name in FILTERS],
        who=who,
        since=known.since,
        picture=await _picture(visit) if before is None else None,
        older="" if older is None else f"{here}&older={cursor_of(older)}",
        switch=f"/seen?who={who}" if each else f"/seen?who={who}&each=yes",
        newest="" if before is None else here,
        lang=visit.hall.agreement.language,
    )


def _filter(house: House, who: str) -> Callable[[Entry], bool]:
    if who == ALL:
        return lambda _: True
    if who == REFUSED:
        return lambda entry: entry.outcome == "refused"
    if who == OTHERS:
        return lambda entry: kind_of(house, entry) != "you"
    return lambda entry: kind_of(house, entry) == who


def cursor_of(number: int) -> str:
    """Return a place in the list as an address carries it."""
    return urlsafe_b64encode(number.to_bytes(8, "big")).rstrip(b"=").decode("ascii")


def number_of(cursor: str) -> int | None:
    """Return the place that an address carries; None for none, and for what is no place."""
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        return None
    number = int.from_bytes(raw, "big")
    return number if len(raw) == 8 and number < 1 << 62 else None


def grouped(records: Iterable[Record], reader: Reader, words: Words) -> list[Record]:
    """Return records with those of one day that are alike told as one, where the newest of them stands."""
    groups: dict[tuple[object, ...], list[Record]] = {}
    for record in records:
        groups.setdefault((reader.day(record.logtime), *_alike(record)), []).append(record)
    return [_as_one(group, reader, words) for group in groups.values()]


def _alike(record: Record) -> tuple[object, ...]:
    return (
        record.action, record.about, record.receiver_name, record.receiver_system, record.kind, record.fields,
        record.clause, record.case, record.allowed, record.why_not, record.on_behalf_of,
    )  # fmt: skip


def _as_one(group: list[Record], reader: Reader, words: Words) -> Record:
    if len(group) == 1:
        return group[0]
    said = words("%(count)s times since %(start)s")
    times = said % {"count": reader.number(len(group)), "start": reader.moment(group[-1].logtime)}
    return replace(group[0], usage_period=times)


async def _picture(visit: Visit) -> Lanes | None:
    """Return the lanes of the last ninety days; of the latest entries alone, when there are too many."""
    house, _ = visit.hall.house, visit.words
    known = await known_of(
        visit, wanted=lambda entry: entry.outcome != "refused", limit=DRAWN, since=visit.now - SPAN
    )
    entries = [entry for _number, entry in known.recalled.entries]
    if not entries:
        return None
    start: Instant = entries[-1].at if len(entries) == DRAWN else visit.now - SPAN
    gaps = ((start, known.since),) if known.since is not None and known.since > start else ()
    names = {
        "people": _("People of the organisation"),
        "machine": _("Programs"),
        "supplier": _("Suppliers"),
        "authority": _("Authorities"),
        "you": _("You"),
    }
    return pictures.lanes(
        [Lane(kind, names[kind]) for kind in KINDS],
        [Mark(entry.at, kind_of(house, entry), act_of(entry)) for entry in entries],
        since=start,
        until=visit.now,
        gaps=gaps,
        rtl=direction(visit.reader.language) == "rtl",
    )
