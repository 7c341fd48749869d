"""Everything a running server has: the house, its settings, its limits and its memory; data only."""

import asyncio
import threading
from dataclasses import dataclass, field

from troth.clock import Instant
from troth.errors import BadSettings
from troth.gates.courier import Courier
from troth.house import House
from troth.settings import SETTINGS, TEXTS, Settings
from troth.teller import Teller
from troth.terms.agreement import Agreement, Protect, SignIn
from troth.vault.keyring import Branch
from troth.web.accounts.sign_ins import SignIns
from troth.web.api.keys import Keys
from troth.web.credentials.flows import Spent
from troth.web.credentials.letters import Letters
from troth.web.credentials.limits import Limits, Lockout, Rate
from troth.web.credentials.passkeys import Site
from troth.web.gathering import Gathered
from troth.web.languages import LANGUAGES
from troth.web.rendering import Rendering
from troth.web.turns import Turn
from troth.web.watch import Watch

RATE = "60/minute"  # where the agreement sets none
LOCKOUT = "10/hour"


@dataclass(slots=True)
class Hall:
    """What the faces share. Nothing in it is written to disk."""

    teller: Teller
    settings: Settings
    courier: Courier
    rendering: Rendering
    site: Site  # host, name, origins: as browsers know us
    key: Branch  # of flows, tokens of forms and codes
    spent: Spent
    limits: Limits
    lockout: Lockout
    letters: Letters
    sign_ins: SignIns
    languages: tuple[str, ...]  # that pages are offered in
    secure: bool  # whether browsers reach us by TLS
    started: Instant
    stopping: bool = False
    making: list[threading.Thread] = field(default_factory=list)  # of packages
    links: bool = False  # whether links sign people in: in a demonstration alone
    watch: Watch = field(default_factory=Watch)  # how each clause stands
    keys: Keys = field(default_factory=Keys)  # of programs
    replacing: asyncio.Lock = field(
        default_factory=asyncio.Lock
    )  # what people sign in with, one change at a time
    telling: Turn = field(default_factory=Turn)  # what happened to requests
    asking: Turn = field(default_factory=Turn)  # what was asked by an address alone
    gathered: Gathered = field(default_factory=Gathered)  # what is noted by the way

    @property
    def house(self) -> House:
        """The open house."""
        return self.teller.house

    @property
    def agreement(self) -> Agreement:
        """The agreement in force."""
        return self.house.book.agreement

    @property
    def now(self) -> Instant:
        """The present, by the clock of the house."""
        return self.house.clock()


def measures(agreement: Agreement) -> dict[str, str]:
    """Return every measure that `protect` rules name, the last one of each name."""
    return {
        name: value
        for _, rule in agreement.rules()
        if isinstance(rule, Protect)
        for name, value in rule.measures
    }


def strictest(agreement: Agreement, name: str, otherwise: str) -> Rate:
    """Return the slowest rate that any `protect` rule promises under a name; of two as slow, the evener."""
    said = [
        value
        for _, rule in agreement.rules()
        if isinstance(rule, Protect)
        for each, value in rule.measures
        if each == name
    ]
    return min(map(Rate.of, said or [otherwise]), key=lambda rate: (rate.count / rate.period, rate.count))


def sign_in_of(house: House) -> SignIn | None:
    """Return the rule by which members sign in, if the agreement has one."""
    return house.book.sign_in[1] if house.book.sign_in else None


def hall_of(teller: Teller, settings: Settings, courier: Courier, *, origin: str) -> Hall:
    """Return the hall of a house that is reached at `origin`, such as `https://members.example.org`.

    Raises `BadSettings` for a language that pages do not have.
    """
    house = teller.house
    agreement = house.book.agreement
    host = origin.partition("://")[2].rpartition(":")[0] or origin.partition("://")[2]
    host = host.strip("[]") if not host.startswith("[") else host
    return Hall(
        teller=teller,
        settings=settings,
        courier=courier,
        rendering=Rendering(),
        site=Site(host, agreement.organisation.name, (origin,)),
        key=house.keyring.branch("web"),
        spent=Spent(since=house.clock()),
        limits=Limits(strictest(agreement, "rate_limit", RATE)),
        lockout=Lockout(strictest(agreement, "lockout", LOCKOUT)),
        letters=Letters(settings.sms.hourly if settings.sms else TEXTS),
        sign_ins=SignIns(),
        languages=_languages(settings, house),
        secure=origin.startswith("https://"),
        started=house.clock(),
    )


def _languages(settings: Settings, house: House) -> tuple[str, ...]:
    said = (settings.server.languages if settings.server else ()) or tuple(LANGUAGES)
    strange = [tag for tag in said if tag not in LANGUAGES]
    if strange:
        known = ", ".join(f"`{tag}`" for tag in LANGUAGES)
        problem = f"`languages` of `[server]` holds `{strange[0]}`; pages are written in {known}"
        raise BadSettings(path=str(house.directory / SETTINGS), problem=problem)
    return said
