"""People who do not exist, and could: names in their own script, with numbers, addresses and devices."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from troth.demo.numbers import IBAN_COUNTRIES, Rng, digits, iban, id_number, phone
from troth.errors import FakerMissing

_LOCALES = {  # country -> (locale of its names, language of its browsers)
    "SG": ("zh_CN", "en-SG"), "IE": ("en_IE", "en-IE"), "DE": ("de_DE", "de"), "ES": ("es_ES", "es"),
    "IT": ("it_IT", "it"), "FR": ("fr_FR", "fr"), "NL": ("nl_NL", "nl"), "PL": ("pl_PL", "pl"),
    "SE": ("sv_SE", "sv"), "GR": ("el_GR", "el"), "BR": ("pt_BR", "pt-BR"), "UA": ("uk_UA", "uk"),
    "JP": ("ja_JP", "ja"),
}  # fmt: skip
COUNTRIES = tuple(_LOCALES)
_FAMILY_FIRST = frozenset({"SG", "JP"})
_MOODS = (
    "amber", "brisk", "calm", "deft", "early", "fond", "glad", "hazel", "ivory", "jolly", "keen", "lunar",
    "mellow", "noble", "opal", "proud", "quiet", "rosy",
)  # fmt: skip
_BIRDS = (
    "avocet", "bunting", "curlew", "dunlin", "eider", "finch", "godwit", "heron", "ibis", "jay", "kestrel",
    "linnet", "merlin", "oriole", "plover",
)  # fmt: skip
_DEVICES = (
    ("Pixel 8", "Android 15"), ("Galaxy S24", "Android 14"), ("iPhone 15", "iOS 18.1"),
    ("iPhone SE", "iOS 17.6"), ("ThinkPad X1", "Windows 11"), ("MacBook Air", "macOS 15"),
)  # fmt: skip
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"
_AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 15; Pixel 8) {_WEBKIT} Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
)
_DOMAINS = ("example.org", "example.com", "example.net")  # RFC 2606: nobody's
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")  # RFC 5737: nobody's


@dataclass(frozen=True, slots=True)
class Person:
    """Everything that one made-up person might be asked for."""

    reference: str  # under which the organisation knows them
    country: str
    name: str
    gender: str
    born: date
    id_number: str
    phone: str
    email: str
    username: str
    account: str  # an IBAN, or a national account number where banks use none
    language: str
    agent: str  # what their browser calls itself
    device: str
    model: str
    system: str
    address: str  # of the network

    @property
    def has_iban(self) -> bool:
        """Whether their bank uses IBANs."""
        return self.country in IBAN_COUNTRIES

    def age(self, at: date) -> int:
        """Return their age in whole years on a day."""
        return at.year - self.born.year - ((at.month, at.day) < (self.born.month, self.born.day))


class Crowd:
    """A source of people, the same ones for the same seed and day."""

    def __init__(self, seed: int, today: date) -> None:
        """Prepare the names of every country; raises `FakerMissing` where they are not installed."""
        try:
            from faker.factory import Factory
        except ModuleNotFoundError:
            raise FakerMissing from None
        self.today = today
        # One generator is the chance of everything, so that one seed decides it all.
        root: Any = Factory.create("en_GB", providers=[])
        root.seed_instance(seed)
        self.rng: Rng = root.random
        self._names: dict[str, Any] = {}
        for country, (locale, _) in _LOCALES.items():
            names = Factory.create(locale, providers=["faker.providers.person"])
            names.random = root.random
            self._names[country] = names
        self._count = 0
        self._phones: set[str] = set()

    def people(self, count: int) -> Iterator[Person]:
        """Yield this many people, country by country in turn."""
        for _ in range(count):
            yield self.person(COUNTRIES[self._count % len(COUNTRIES)])

    def person(self, country: str, gender: str = "") -> Person:
        """Return one more person of a country; of either gender, unless one is given."""
        rng = self.rng
        self._count += 1
        gender = gender or rng.choice(("female", "male"))
        first, last = self._name(country, gender)
        born = self.today - timedelta(days=rng.randint(19 * 366, 75 * 366))
        username = f"{rng.choice(_MOODS)}.{rng.choice(_BIRDS)}{self._count}"
        model, system = rng.choice(_DEVICES)
        account = iban(country, rng) if country in IBAN_COUNTRIES else digits(rng, 10)
        return Person(
            reference=f"M-{self._count:05}-{digits(rng, 4)}",
            country=country,
            name=f"{last} {first}" if country in _FAMILY_FIRST else f"{first} {last}",
            gender=gender,
            born=born,
            id_number=id_number(country, born, gender, rng),
            phone=self._phone(country),
            email=f"{_latin(first, last) or username}.{self._count}@{rng.choice(_DOMAINS)}",
            username=username,
            account=account,
            language=_LOCALES[country][1],
            agent=rng.choice(_AGENTS),
            device=f"{rng.getrandbits(64):016x}-{self._count}",
            model=model,
            system=system,
            address=f"{rng.choice(_NETWORKS)}.{rng.randint(1, 254)}",
        )

    def _name(self, country: str, gender: str) -> tuple[str, str]:
        """Return (first, last), where the language has it in the forms of that gender."""
        names = self._names[country]
        female = gender == "female"
        first = names.first_name_female() if female else names.first_name_male()
        last = names.last_name_female() if female else names.last_name_male()
        return first, last

    def _phone(self, country: str) -> str:
        while (number := phone(country, self.rng)) in self._phones:
            continue
        self._phones.add(number)
        return number


def _latin(*names: str) -> str:
    """Return names as they stand in an address; empty where they are not written in Latin letters."""
    flat = unicodedata.normalize("NFKD", ".".join(names).lower())
    kept = "".join(c for c in flat if not unicodedata.combining(c)).replace(" ", "-").replace("'", "")
    return kept if kept.replace(".", "").replace("-", "").isalpha() and kept.isascii() else ""
