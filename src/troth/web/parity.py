"""Whether taking back is as easy as giving: the pairs that pages declare, measured on the pages themselves.

Each page that declares a pair is drawn for somebody who chose nothing, everything and its opposite; its
forms are read as a browser reads them, and the two ways of each pair compared: where they stand, what
they send, what else must be filled in, how they look, and whether anything asks again (EDPB Guidelines
03/2022 on deceptive design, GDPR Art. 7(3)).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from html.parser import HTMLParser
from importlib import import_module
from pkgutil import iter_modules

from troth.rules.channels import by_channel
from troth.rules.rulebook import Rulebook
from troth.rules.standing import NEWCOMER, Choice, Consent, Standing
from troth.terms.vocabulary import Purpose
from troth.web import portal as rooms_of_portal
from troth.web.choosing import Pair, channels, consents, objections, restrictions, ways_of
from troth.web.lexicon import lexicon_of
from troth.web.portal import pages as portal
from troth.web.rendering import Frame, Rendering

_ASKS = ("hx-confirm", "data-confirm", "onclick", "onsubmit", "popovertarget", "command")


@dataclass(frozen=True, slots=True)
class Way:
    """One way of a pair, as a page offers it."""

    steps: int  # requests until it is done: the page, and the press
    method: str
    action: str
    sent: frozenset[str]  # names of hidden fields
    filled: frozenset[str]  # names of fields that somebody has to fill in
    control: str  # its element and classes
    confirmations: int  # what asks again
    chosen: bool  # set beforehand, though nobody chose it


@dataclass(frozen=True, slots=True)
class Row:
    """One pair for one purpose or category in one state, and how its two ways differ."""

    pair: str
    about: str
    state: str
    give: Way | None
    withdraw: Way | None
    differs: tuple[str, ...]


def parity(book: Rulebook, pairs: Iterable[Pair] | None = None) -> tuple[Row, ...]:
    """Return how the two ways of every declared pair compare; a consent without a pair is told as one.

    `pairs` are those that the pages declare, unless others are given.
    """
    pairs = declared() if pairs is None else tuple(pairs)
    rendering = Rendering()
    rows: list[Row] = []
    for state, standing in _standings(book):
        page = _drawn(rendering, book, standing)
        for pair in pairs:
            rows += [row_of(pair, about, state, page) for about in _about(pair, book)]
    undeclared = set(book.consentable) - {row.about for row in rows if row.pair == "consent"}
    return (
        *rows,
        *(Row("consent", each, "", None, None, ("no declared pair",)) for each in sorted(undeclared)),
    )


def declared() -> tuple[Pair, ...]:
    """Return the pairs that the rooms of the portal declare."""
    rooms = (module.name for module in iter_modules(rooms_of_portal.__path__))
    found = (getattr(import_module(f"{rooms_of_portal.__name__}.{room}"), "PAIRS", ()) for room in rooms)
    return tuple(pair for pairs in found for pair in pairs)


def _routed() -> frozenset[tuple[str, str]]:
    """Return (method, path) of every route of the portal."""
    return frozenset((method, route.path) for route in portal.routes() for method in route.methods or ())


def _standings(book: Rulebook) -> Iterator[tuple[str, Standing]]:
    def all_said(choice: Choice) -> tuple[Consent, ...]:
        return tuple(Consent(purpose, choice, book.agreement.version, 1) for purpose in book.consentable)

    yield "nothing chosen", NEWCOMER
    yield "everything given", Standing(consents=all_said(Choice.GIVEN))
    yield (
        "everything taken back",
        replace(
            NEWCOMER,
            consents=all_said(Choice.WITHDRAWN),
            objections=frozenset(book.objectable),
            restrictions=frozenset(book.fields),
            stopped=frozenset((Purpose(purpose), channel) for purpose, channel in ways_of(book)),
        ),
    )


def _drawn(rendering: Rendering, book: Rulebook, standing: Standing) -> "_Forms":
    """Return the forms of the page of choices, as it is for somebody whose standing this is."""
    lexicon = lexicon_of(book.agreement)
    text = rendering.page(
        "portal/choices.html",
        Frame("Choices", book.agreement.organisation.name, csrf="-"),
        consents=consents(book, standing, lexicon),
        objections=objections(book, standing, lexicon),
        channels=channels(book, standing, lexicon),
        restrictions=restrictions(standing, lexicon, book.fields),
        picture=None,
        signal=False,
        never_sold=(),
        signal_stops=(),
        lang=lexicon.language,
    )
    return forms_of(text)


def _about(pair: Pair, book: Rulebook) -> Iterable[str]:
    governed: dict[str, Iterable[str]] = {
        "consent": book.consentable,
        "objection": book.objectable,
        "channel": [by_channel(*way) for way in ways_of(book)],
        "restriction": ("*", *book.fields),
    }
    return governed.get(pair.name, ())


def forms_of(page: str) -> "_Forms":
    """Return the forms of a page, read as a browser reads them."""
    forms = _Forms()
    forms.feed(page)
    forms.close()
    return forms


def row_of(pair: Pair, about: str, state: str, page: "_Forms") -> Row:
    """Compare the two ways of one pair for one purpose or category, on a page."""
    give, withdraw = (page.way(pair, about, value, state) for value in (pair.give, pair.withdraw))
    if give is None or withdraw is None:
        return Row(pair.name, about, state, give, withdraw, ("one of the two ways is missing",))
    differs = [f.name for f in fields(Way) if getattr(give, f.name) != getattr(withdraw, f.name)]
    if not {("GET", pair.page), ("POST", give.action), ("POST", withdraw.action)} <= _routed():
        differs.append("no such route")
    if give.confirmations or withdraw.confirmations:
        differs.append("asks again")
    return Row(pair.name, about, state, give, withdraw, tuple(differs))


@dataclass(slots=True)
class _Form:
    method: str
    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)
    asks: int = 0
    buttons: list[dict[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    """The forms of a page, with their fields and buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._open: _Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, and what stands in one."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = _Form(said.get("method", "get").lower(), said.get("action", ""))
            self._open.asks = sum(name in said for name in _ASKS)
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag in ("input", "select", "textarea"):
            if said.get("type") == "hidden":
                self._open.hidden[said.get("name", "")] = said.get("value", "")
            else:
                self._open.filled.add(said.get("name", ""))
        elif tag == "button":
            self._open.buttons.append(said)
        elif tag == "dialog":
            self._open.asks += 1

    def handle_endtag(self, tag: str) -> None:
        """Note where a form ends."""
        if tag == "form":
            self._open = None

    def way(self, pair: Pair, about: str, value: str, state: str) -> Way | None:
        """Return one way of a pair, or None where the page does not offer it."""
        for form in self.forms:
            if (form.action, form.hidden.get(pair.about)) != (pair.action, about):
                continue
            for button in form.buttons:
                if button.get("name") == "choice" and button.get("value") == value:
                    asks = form.asks + sum(name in button for name in _ASKS)
                    pressed = button.get("aria-pressed") == "true"
                    return Way(
                        steps=2,
                        method=form.method,
                        action=button.get("formaction", form.action),
                        sent=frozenset(form.hidden),
                        filled=frozenset(form.filled),
                        control=f"button {button.get('class', '')}",
                        confirmations=asks,
                        chosen=pressed and pair.name == "consent" and state == "nothing chosen",
                    )
        return None
