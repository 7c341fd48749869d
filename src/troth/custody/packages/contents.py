"""Contents of a package: what it holds, file by file, each page of records handed out in a unit of its own.

Between the units others are served. Pictures and files are opened piece by piece while they are written on;
nothing is held in memory but one page of records, and the list of what was written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol, TypeVar

from troth.clock import SECOND, iso
from troth.custody.desk import Desk
from troth.custody.hand_out import Apart, Handed, HandOut, Held, Page
from troth.custody.packages import logbook
from troth.custody.packages.dealings import dealings_of
from troth.custody.packages.filed import Filed
from troth.custody.packages.held import held_of
from troth.custody.packages.packing import Making, alive, signed
from troth.custody.plans import MOST_PARTS, stem_of
from troth.house import House
from troth.packages import pages, schemas, tables, zipping
from troth.packages.manifest import MANIFEST, SIGNATURE, manifest_of, pretty, signed_text
from troth.packages.zipping import Files, Written
from troth.rules.decision import Act
from troth.rules.lexicon import Lexicon
from troth.rules.rulebook import Intake
from troth.terms.agreement import FieldSpec
from troth.terms.kinds import KINDS
from troth.terms.vocabulary import Category, FieldName

T = TypeVar("T")
PAGE = 5_000  # records that are read in one unit, at most
_ROOM = 16_000_000  # characters that the values of a page may have, as far as their types tell
_APART = frozenset({"picture", "file"})
_ROWS = 5_000  # of another system, in one file
Item = dict[str, Any]
Systems = Iterable[tuple[str, Iterable[tuple[str, str, Mapping[str, Any]]]]]


class Asking(Protocol):
    """Who serves jobs, each in a unit: the teller."""

    house: House

    def ask(self, job: Any, /) -> Any:  # noqa: ANN401 - as the teller answers
        """Serve one job."""

    def alone(self, work: Callable[[Desk], T], /) -> T:
        """Do some work in a unit of its own."""


@dataclass(slots=True)
class Contents:
    """A package while it is written."""

    teller: Asking
    making: Making
    texts: Mapping[str, str]
    origin: str
    systems: Systems
    progress: Callable[[int], object]
    counts: dict[str, int] = field(default_factory=dict)
    kinds: list[pages.Kind] = field(default_factory=list)
    gaps: list[dict[str, str]] = field(default_factory=list)
    _seen: int = 0

    def zipped(self) -> Iterator[bytes]:
        """Yield the package, from its first byte to its last."""
        return zipping.zipped(self._files(), self._closing, at=self.making.at)

    def _files(self) -> Files:
        self.gaps = [
            {"category": gap.category, "field": gap.field, "why": gap.why, "clause": gap.clause,
             "justification": justification(gap.why)}
            for gap in self.making.gaps
        ]  # fmt: skip
        for category in self.making.categories:
            yield from self._category(category)
        log = logbook.Logbook(self.teller, self.making, self.origin)
        yield from log.files()
        others = False
        for path, pieces in self._others():
            others = True
            yield path, pieces
        yield "withheld.json", [pretty({"withheld": self.gaps})]
        yield "holds.json", [pretty({"holds": self.teller.alone(partial(held_of, row=self.making.row))})]
        if self._whole:
            yield "requests.json", [pretty(self.teller.alone(partial(dealings_of, making=self.making)))]
        yield "agreement.md", [self._agreement.source.encode("utf-8")]
        yield "index.html", [self._index(systems=others)]

    def _closing(self, written: list[Written]) -> Files:
        house, agreement = self.teller.house, self._agreement
        raw = manifest_of(
            written,
            right=self.making.row.right,
            at=self.making.at,
            log=house.signer.name,
            organisation=agreement.organisation.name,
            person=str(self.making.row.subject),
            case=self.making.request.case,
            agreement={"name": agreement.name, "version": agreement.version, "hash": agreement.hash},
            counts=self.counts,
        )
        yield MANIFEST, [raw]
        yield SIGNATURE, [signed(house, signed_text(house.signer.name, raw))]

    # ---- data

    def _category(self, category: Category) -> Files:
        """Yield the pages of one category: the files of its records, then the records in three forms."""
        after: bytes | None = b""
        number = 0
        while after is not None:
            request = replace(self.making.request, category=category)
            page = Page(after, self._size(category))
            handed: Handed = self.teller.ask(HandOut(request, self.making.row.subject, page=page))
            after = handed.following
            self._alive()
            items: list[Item] = []
            yield from self._items(category, handed, items)
            if items:
                number += 1
                yield from self._written(category, number, items)
        if number:
            specs = self.teller.house.book.fields[category]
            yield f"schema/{category}.schema.json", [pretty(schemas.schema_of(category, specs))]

    def _written(self, category: Category, number: int, items: list[Item]) -> Files:
        name = category if number == 1 else f"{category}-{number}"
        first = self.counts.get(category, 0) + 1
        self.counts[category] = first - 1 + len(items)
        lexicon = Lexicon(self._agreement)
        words = lexicon.category(category)
        names = {str(each): lexicon.field(category, each) for each in self.teller.house.book.fields[category]}
        yield f"data/{name}.json", [pretty({"category": category, "records": items})]
        yield f"data/{name}.csv", [tables.table(items)]
        yield f"pages/{name}.html", [pages.kind_page(self._reader, words, names, items, first)]
        page = f"pages/{name}.html"
        if number == 1:
            self.kinds.append(pages.Kind(words, len(items), (page,)))
        else:
            last = self.kinds[-1]
            self.kinds[-1] = pages.Kind(words, last.records + len(items), (*last.pages, page))
        self._seen += len(items)
        self.progress(self._seen)

    def _items(self, category: Category, handed: Handed, items: list[Item]) -> Files:
        """Yield the files of some records, and add the records to `items` as `data/*.json` has them."""
        parts: dict[bytes, list[Held]] = {}
        for held in handed.records:
            if self._carried(held):
                parts.setdefault(stem_of(held.id), []).append(held)
        specs = self.teller.house.book.fields[category]
        for stem, some in parts.items():
            item = self._about(stem, some)
            for held in some:
                for name, value in held.values.items():
                    revealed = value.reveal()
                    if isinstance(revealed, Apart):
                        filed = Filed(category, stem, str(name), revealed)
                        yield filed.path, filed
                        item["values"][str(name)] = filed.told()
                    else:
                        item["values"][str(name)] = revealed
            item["values"] = _ordered(item["values"], specs)
            items.append(item)

    def _carried(self, held: Held) -> bool:
        """Whether a record is of what this right gives: to port, what somebody gave or what was observed."""
        intake = self._intake(held)
        if self.making.request.act is not Act.PORT or intake is None or intake.rule.source != "third_party":
            return True
        gap = {"category": str(held.category), "field": "", "why": "third-party", "clause": held.clause,
               "justification": justification("third-party")}  # fmt: skip
        if gap not in self.gaps:
            self.gaps.append(gap)
        return False

    def _about(self, stem: bytes, some: list[Held]) -> Item:
        first = some[0]
        intake = self._intake(first)
        origin = first.origin
        return {
            "id": stem.hex(),
            "values": {},
            "collected": iso(first.collected_at),
            "clause": str(first.clause),
            "circumstance": str(origin.circumstance) if origin else "",
            "agreement": origin.version if origin else 0,
            "source": intake.rule.source if intake else "",
            "basis": str(intake.rule.basis) if intake else "",
            "purposes": [str(each) for each in intake.rule.purposes] if intake else [],
            "recipients": self._recipients(first.category),
            "kept": [_kept(held) for held in some],
        }

    def _recipients(self, category: Category) -> list[str]:
        """Return whom the agreement lets have data of a category."""
        found: dict[str, None] = {}
        for act, of, key in self.teller.house.book.cells:
            if act is Act.DISCLOSE and of == category:
                found[key.partition(" for ")[0]] = None
        return list(found)

    def _intake(self, held: Held) -> Intake | None:
        """Return how a record came in: by the version under which it came."""
        house, origin = self.teller.house, held.origin
        book = house.books.get(origin.version, house.book) if origin else house.book
        for (category, _), intake in book.intakes.items():
            if category == held.category and intake.clause == held.clause:
                return intake
        return None

    def _size(self, category: Category) -> int:
        """Return how many records one page of a category has, so that its values have room."""
        longest = sum(_longest(spec) for spec in self.teller.house.book.fields[category].values())
        return max(2 * MOST_PARTS, min(PAGE, _ROOM // max(1, longest)))

    # ---- what else there is

    def _others(self) -> Files:
        """Yield rows that other systems hold, in files of a bounded number of rows each."""
        listed = []
        for system, found in self.systems:
            number, rows = 0, list[Mapping[str, Any]]()
            for table, category, values in found:
                rows.append({"table": table, "category": category, "values": dict(values)})
                if len(rows) == _ROWS:
                    number += 1
                    yield _system_file(system, number, rows)
                    rows.clear()
            if rows or not number:
                number += 1
                yield _system_file(system, number, rows)
            listed.append({"system": system, "files": number})
        if listed:
            yield "downstream/index.json", [pretty({"systems": listed})]

    def _index(self, *, systems: bool) -> bytes:
        agreement = self._agreement
        head = {
            "at": iso(self.making.at), "organisation": agreement.organisation.name,
            "name": agreement.title, "version": str(agreement.version),
        }  # fmt: skip
        return pages.index(self._reader, self.kinds, self.gaps, head=head, systems=systems, whole=self._whole)

    def _alive(self) -> None:
        house, making = self.teller.house, self.making
        if making.row.busy_until - house.clock() < 300 * SECOND:
            self.teller.alone(partial(alive, making=making))

    @property
    def _whole(self) -> bool:
        """Whether it is everything that is held, and not what goes to another provider."""
        return self.making.request.act is not Act.PORT

    @property
    def _agreement(self) -> Any:  # noqa: ANN401 - an Agreement
        return self.teller.house.book.agreement

    @property
    def _reader(self) -> pages.Reader:
        language = self._agreement.language
        return pages.Reader(self.making.language or language, self.texts, language)


_JUSTIFIED = {  # DPV 2.3, justifications; nothing of it fits what only says who may ask
    "assurance-missing": "just:IdentityVerificationRequired",
    "third-party": "just:ThirdPartyRightsImpaired",
}


def justification(why: str) -> str:
    """Return the term of the DPV for a reason, or our own word where it has none."""
    return _JUSTIFIED.get(why, f"troth:{why}")


def _kept(held: Held) -> Item:
    """Return how long a part of a record is kept, and in which class."""
    origin = held.origin
    kept: Item = {
        "class": str(origin.kept) if origin else "",
        "fields": [str(name) for name in held.values],
        "until": iso(held.expires_at),
    }
    return {**kept, "only_for": str(origin.only_for)} if origin and origin.only_for else kept


def _ordered(values: Item, specs: Mapping[FieldName, FieldSpec]) -> Item:
    return {str(name): values[str(name)] for name in specs if str(name) in values}


def _longest(spec: FieldSpec) -> int:
    return 64 if spec.type in _APART else spec.limit or KINDS[spec.type].limit or 32


def _system_file(system: str, number: int, rows: list[Mapping[str, Any]]) -> tuple[str, Iterable[bytes]]:
    name = system if number == 1 else f"{system}-{number}"
    return f"downstream/{name}.json", [pretty({"system": system, "rows": rows})]
