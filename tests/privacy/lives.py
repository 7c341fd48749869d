"""People with canaries of their own, in every circumstance that a house knows; one of them stays a member."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tests.cast import LAWYER, MIA, NOOR, PORTAL, USAGE_SCRIPT, ZOE, joins
from tests.copies import Scene
from tests.drawing import face, letter, segment
from tests.gates.counterparts import SECRET
from tests.hooks import Sent, web_server
from tests.privacy.canaries import NEEDLES, WHO, forms
from tests.privacy.test_canaries import tell_all
from tests.shops import Shop
from troth.acts.arrivals import Reception, expecting
from troth.acts.collect import offering, taking
from troth.clock import DAY, SECOND, Settable
from troth.custody.packages import packing
from troth.custody.packages.judging import whole_text
from troth.custody.repeating import Once
from troth.gates.systems.signing import Signing
from troth.library import Troth
from troth.rules.decision import member

GONE, AWAY, BACK, STAYS = MIA, NOOR, ZOE, "M-1004"
WORDS = {who: f"Zz9{who.replace('-', 'q')}canary" for who in (GONE, AWAY, BACK, STAYS)}
DEMANDED = "Qx7Zdemand: you never answered me"
CORRECTED = "Qx7Zcorrected_name"
OF_WHO = {**NEEDLES, **{form: word for word in (DEMANDED, CORRECTED) for form in forms(word)}}
OF = {who: dict.fromkeys(forms(word), word) for who, word in WORDS.items()}
EVERYBODY = {**OF_WHO, **{form: word for some in OF.values() for form, word in some.items()}}
IMAGES = {who: face(word) for who, word in WORDS.items()}


class Hook:
    """A receiver of web hooks that says it did what it was told; it can be away."""

    def __init__(self, clock: Settable) -> None:
        self.clock, self.sent, self.away = clock, list[Sent](), False

    def __call__(self, sent: Sent) -> tuple[int, dict[str, str], bytes]:
        self.sent.append(sent)
        if self.away:
            return 503, {}, b""
        number = sent.headers["webhook-id"]
        body = json.dumps({"id": number, "done": True, "counts": {"people": 1}}).encode()
        seconds = self.clock.at // SECOND
        signature = Signing(SECRET).sign(number, seconds, body)
        return 200, {"webhook-timestamp": str(seconds), "webhook-signature": signature}, body


@dataclass
class Lives:
    """A scene with people in it, and the other systems that know them."""

    stage: Scene
    shop: Shop
    hook: Hook
    numbers: dict[str, int] = field(default_factory=dict)
    code: str = field(default="", repr=False)

    @property
    def house(self) -> Troth:
        return self.stage.house


@contextmanager
def declared(stage: Scene, shop_url: str) -> Iterator[Lives]:
    """Give a scene a database of the organisation's own and a web hook, and open its house again."""
    directory, clock = stage.house.teller.house.directory, stage.clock
    hook, shop = Hook(clock), Shop(shop_url)
    shop.run("CREATE TABLE people (id INTEGER PRIMARY KEY, number BIGINT, email VARCHAR(200))")
    with web_server(hook) as port:
        (directory / "crm").write_text(SECRET)
        (directory / "crm").chmod(0o600)
        (directory / "systems.toml").write_text(f"""
[systems.shop]
kind = "database"
url = "{shop_url}"

[systems.shop.tables.people]
person = {{column = "email", by = "account.email"}}
columns = {{email = "account.email"}}
erase = "delete"

[systems.crm]
kind = "webhook"
url = "http://127.0.0.1:{port}/troth"
tells = ["number", "account.email"]
acts = ["erase"]
secret_file = "crm"
""")
        stage.house = stage.houses.again(stage.house)
        try:
            yield Lives(stage, shop, hook)
        finally:
            shop.engine.dispose()


def mail(who: str) -> str:
    """The address of somebody, which is a canary."""
    return f"{WORDS[who].lower()}@example.org"


def live(lives: Lives, other: Troth) -> None:
    """Let everybody go through every circumstance; `other` is another provider, whose members they were."""
    house = lives.house
    tell_all(house)
    lives.numbers[WHO] = number_of(house, WHO)
    house.correct(about=WHO, category="account", values={"username": CORRECTED})
    house.correct(about=WHO, category="account", values={"username": "Qx7Zmaria_kwan"})
    house.demand(about=WHO, right="complain", text=DEMANDED)
    house.keep_shorter(about=WHO, kept="usage", days=9)
    house.hold(about=WHO, matter="LC-7", reason="litigation", by=LAWYER)
    house.end_hold(about=WHO, matter="LC-7", reason="litigation", by=LAWYER)
    for who in (GONE, AWAY, BACK, STAYS):
        _lives(house, who)
        lives.numbers[who] = number_of(house, who)
    for number, who in enumerate(WORDS):
        lives.shop.run(f"INSERT INTO people VALUES ({number}, {lives.numbers[who]}, '{mail(who)}')")
    for who in (WHO, GONE):
        b"".join(house.open_package(house.package(about=who).id, about=who))
        house.package(about=who, right="port")  # nobody fetches it
    joins(other, GONE, email=mail(GONE))
    _moves(other, house, GONE)
    lives.code = house.recovery_code()


def erase(lives: Lives) -> None:
    """Let all but one go: two at once, two with days to think, of whom one comes back; a system is late."""
    house = lives.house
    for who in (AWAY, BACK):
        house.erase_later(about=who, days=7, code=lives.code)
    lives.hook.away = True
    for who in (WHO, GONE):
        house.demand(about=who, right="erase")
    house.sweep()


def end(lives: Lives) -> None:
    """Let the late system do its duty, one person come back, and the days of the other pass."""
    lives.hook.away = False
    lives.stage.clock.forward(DAY)
    lives.house.come_back(about=BACK, code=lives.code)
    lives.house.sweep()
    lives.stage.clock.forward(7 * DAY)
    lives.house.sweep()
    lives.house.sweep()


def _lives(house: Troth, who: str) -> None:
    """Let somebody of whom nothing has to stay tell what they can, and make their choices."""
    word = WORDS[who]
    picture = IMAGES[who][:2] + segment(0xFE, f"{word} in a comment".encode()) + IMAGES[who][2:]
    told: list[tuple[str, str, dict[str, Any], Any]] = [
        ("account", "registration", {"email": mail(who), "username": word}, None),
        ("camera.profile", "camera", {"picture": picture}, None),
        ("device", "service_use", {"device_id": word, "configuration": {"nick": word}}, PORTAL),
        ("support", "customer_service", {
            "topic": word, "message": word, "attachment": letter(word * 9),
        }, None),
        ("usage", "usage_log", {
            "time": "2027-05-30T06:20:44Z", "browser": word, "page": f"https://example.org/{word}",
        }, USAGE_SCRIPT),
    ]  # fmt: skip
    for category, when, values, by in told:
        house.collect(about=who, category=category, when=when, values=values, by=by, age=40)
        if category == "account":
            house.consent(about=who, purpose="camera.profile")
    offer = offering(about=who, category="usage", when="usage_log", values=told[-1][2], by=USAGE_SCRIPT)
    house.teller.ask(Once(taking([offer]), f"key of {who}", word.encode()))
    house.open_case(about=who, name="conversation")
    house.object(about=who, purpose="service.upkeep")
    house.correct(about=who, category="account", values={"username": f"{word}2"})
    house.demand(about=who, right="complain", text=f"{word} complains")


def _moves(here: Troth, there: Troth, who: str) -> None:
    """Let a person's package go from one house to another, where nobody takes it in yet."""
    raw = b"".join(here.open_package(here.package(about=who, right="port").id, about=who))
    inner = here.teller.house
    signature = packing.signed(inner, whole_text(inner.signer.name, sha256(raw).digest(), len(raw)))
    reception = Reception(there.teller, expecting(there.teller, by=member(), about=who).code, signature)
    reception.write(raw)
    reception.finish()


def number_of(house: Troth, who: str) -> int:
    """The number of somebody."""

    def find(desk: Any) -> int:
        desk.find([who])
        return int(desk.people[who])

    return house.teller.alone(find)
