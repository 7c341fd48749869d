"""The first scenes: an agreement, a house, and every circumstance in which people tell it something."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from troth.clock import SECOND
from troth.custody.drafts import Offer
from troth.custody.take_in import Taken
from troth.demo import lives
from troth.demo.people import Person
from troth.demo.pictures import mark, picture
from troth.demo.scan import forms
from troth.demo.stage import Stage, attempt, because, clauses_of, timed
from troth.errors import TrothError
from troth.terms.agreement import Agreement, Finding
from troth.terms.vocabulary import Circumstance

BATCH = 1_000  # offers in one transaction


def agreement_scene(stage: Stage, findings: tuple[Finding, ...], seconds: float) -> None:
    """Say which agreement it is, and what `check` thinks of it."""
    page, agreement = stage.page, stage.house.agreement
    levels = Counter(finding.level for finding in findings)
    page.scene("The agreement")
    page.say(
        f"`{agreement.name}`, version {agreement.version}, of {agreement.organisation.name}: plain Markdown, "
        f"{len(agreement.source.split()):,} words in {len(agreement.clauses)} clauses, and under each clause "
        f"its rule ({_rules(agreement)} in all). There is no other configuration; clauses are cited "
        "below by number."
    )
    page.say(f"named by its hash: sha256 {agreement.hash}")
    page.say(
        f"check: {levels['error']} errors, {levels['warning']} warnings, in {seconds * 1000:.0f} ms",
        good=not levels["error"],
    )
    page.figure("clauses", len(agreement.clauses))
    page.figure("check_errors", levels["error"])


def _rules(agreement: Agreement) -> int:
    return sum(1 for _ in agreement.rules())


def founding_scene(stage: Stage, seconds: float) -> None:
    """Say where the house stands and what is in it."""
    page = stage.page
    page.scene("A house is founded on it")
    parts = sorted(
        p.relative_to(stage.directory).as_posix() for p in stage.directory.rglob("*") if p.is_file()
    )
    parts = [part for part in parts if not part.endswith(("-wal", "-shm"))]
    page.say(f"{stage.directory}: {', '.join(parts)}", good=True)
    page.say(
        f"Founded in {seconds:.2f} s. The store holds what is sealed, the keystore the keys; neither reads "
        "anything without the other."
    )


def collecting_scene(stage: Stage) -> None:
    """Let everybody tell what the agreement asks for, in all of its circumstances."""
    page = stage.page
    page.scene(f"{len(stage.people):,} people, seven circumstances")
    some = ", ".join(f"{p.name} ({p.country})" for p in stage.people[:7])
    page.say(f"Made up and valid, down to the check digits: {some} ...")
    rows = list(_rows(stage))
    page.table(
        ("circumstance", "category", "clause", "records #", "a second #", ""), [row.cells for row in rows]
    )
    total, seconds = sum(row.count for row in rows), sum(row.seconds for row in rows)
    size = stage.house.teller.alone(lambda desk: desk.unit.size)
    page.say(
        f"{total:,} records decided, sealed, filed and remembered in {seconds:.1f} s: {total / seconds:,.0f} "
        f"a second, in {size:,} ledger entries (one for each act, one for each kind of act in a batch).",
        good=not any(row.lost for row in rows),
    )
    page.figure("records", total)
    page.figure("records_lost", sum(row.lost for row in rows))
    page.figure("records_per_second", round(total / seconds))


class _Row:
    """One line of the table: a category, and what was taken in of it."""

    def __init__(self, stage: Stage, when: str, category: str, note: str = "") -> None:
        self.stage, self.when, self.category, self.note = stage, when, category, note
        self.count = self.lost = 0
        self.seconds = 0.0
        self.refused: list[TrothError] = []

    @property
    def cells(self) -> tuple[str, ...]:
        intake = self.stage.house.teller.house.book.intakes
        clause = next(
            i.clause for (c, w), i in intake.items() if c == self.category and w == Circumstance(self.when)
        )
        note = self.note if not self.lost else f"{self.lost} lost: {because(self.refused[0])}"
        rate = f"{self.count / self.seconds:,.0f}" if self.seconds else ""
        return self.when, self.category, self.stage.short((clause,)), f"{self.count:,}", rate, note

    def take(self, offers: Iterable[Offer]) -> "_Row":
        """Take offers in, a batch at a time."""
        waiting = iter(offers)
        while batch := list(islice(waiting, BATCH)):
            outcomes, seconds = timed(lambda batch=batch: self.stage.house.collect_many(batch))  # type: ignore[misc]
            self.seconds += seconds
            self.count += sum(isinstance(outcome, Taken) for outcome in outcomes)
            self.refused += [outcome for outcome in outcomes if isinstance(outcome, TrothError)]
            self.lost = len(self.refused)
        self.stage.clock.forward(SECOND)
        return self

    def own(self, *offers: Offer) -> "_Row":
        """Take in offers of those two whom the story follows, one by one; note what they told."""
        for offer in offers:
            remember(self.stage, offer)
            self.take([offer])
        return self


def remember(stage: Stage, offer: Offer) -> None:
    """Note what a person told, to look for it in the files later on."""
    found = stage.needles.setdefault(str(offer.about), [])
    for name, text in lives.told(offer):
        found += forms(f"{offer.about} {name} {len(found)}", text)
    for name, value in offer.values.items():
        if isinstance(value, bytes):
            found += forms(f"{offer.about} {name}", mark(f"{offer.about}/{name}"))


def _rows(stage: Stage) -> Iterator[_Row]:
    she, he, others = stage.heroine, stage.visitor, stage.people[2:]
    rng, now = stage.crowd.rng, stage.clock
    row = _Row(stage, "registration", "account", "each name unique, and unreadable at rest")
    yield row.own(lives.account(she), lives.account(he)).take(lives.account(p) for p in others)
    verified = [p for n, p in enumerate(others) if n % 10 < 7]
    row = _Row(stage, "identity_verification", "identity", "ID numbers checked as each country does")
    yield row.own(lives.identity(she, now())).take(lives.identity(p, now()) for p in verified)
    yield from _pictures(stage)
    streams: tuple[tuple[str, str, int, Callable[[Person], Offer], str], ...] = (
        ("transactions", "service_use", 4, lambda p: lives.transaction(p, now(), rng), ""),
        ("activity", "service_use", 4, lambda p: lives.activity(p, now(), rng), ""),
        (
            "device",
            "service_use",
            1,
            lambda p: lives.device(p, rng),
            "two ends: 90 days, and a year for security",
        ),
        ("network", "service_use", 3, lambda p: lives.network(p, now(), rng), ""),
        ("usage", "usage_log", 16, lambda p: lives.visit(p, now(), rng), "the shortest-lived of all"),
    )
    for category, when, each, offer, note in streams:
        row = _Row(stage, when, category, note)
        row.own(*(offer(p) for p in ((she,) if category == "transactions" else (she, he))))
        yield row.take(offer(p) for _ in range(each) for p in others)
    payers = [p for p in verified if p.has_iban][: max(len(others) // 2, 1)]
    yield _Row(stage, "payment", "payment").own(lives.payment(she)).take(lives.payment(p) for p in payers)
    row = _Row(stage, "payment", "payment.national", "where banks use no IBAN")
    yield row.take(lives.payment(p) for p in verified if not p.has_iban)
    yield _conversations(stage)
    row = _Row(stage, "customer_service", "support.feedback")
    yield row.own(lives.rating(she, rng), lives.rating(he, rng)).take(
        lives.rating(p, rng) for p in others[::10]
    )


def _pictures(stage: Stage) -> Iterator[_Row]:
    """Take pictures: of documents and faces only after a consent of their own, refused before it."""
    house, she, he = stage.house, stage.heroine, stage.visitor
    others = stage.people[2:]
    unwilling, willing = others[0], others[1 : 1 + max(len(others) // 50, 1)]
    early = attempt(lambda: give(stage, documents(she)))
    house.refuse(about=unwilling.reference, purpose="camera.identity")
    late = attempt(lambda: give(stage, documents(unwilling)))
    for person in (she, *willing):
        house.consent(about=person.reference, purpose="camera.identity")
    row = _Row(stage, "camera", "camera.identity", "only after a consent of its own")
    yield row.own(documents(she)).take(documents(p) for p in willing)
    stage.page.say(
        f"The camera, before consent: {because(early)} ({stage.short(clauses_of(early))}). "
        f"After a no: {because(late)}.",
        good=bool(early and late),
    )
    stage.page.figure("camera_refused_without_consent", bool(early and late))
    posing = others[: -1 : max(len(others) // 50, 1)]
    for person in (she, he, *posing):
        house.consent(about=person.reference, purpose="camera.profile")
    row = _Row(stage, "camera", "camera.profile")
    yield row.own(portrait(she), portrait(he)).take(portrait(p) for p in posing)


def _conversations(stage: Stage) -> _Row:
    """Let people write to customer service, one of them without an account."""
    rng = stage.crowd.rng
    stranger = stage.crowd.person("IE")
    row = _Row(stage, "customer_service", "support", "one of them without an account")
    row.own(lives.message(stage.heroine, rng), lives.message(stage.visitor, rng))
    row.take([lives.message(stranger, rng, reply_to=stranger.email)])
    writers = stage.people[2::5]
    return row.take(chain.from_iterable((lives.message(p, rng), lives.message(p, rng)) for p in writers))


def give(stage: Stage, offer: Offer) -> None:
    """Take one offer in; raises what refuses it."""
    (outcome,) = stage.house.collect_many([offer])
    if isinstance(outcome, TrothError):
        raise outcome


def documents(person: Person) -> Offer:
    """Return the pictures of a person's document and face."""
    seeds = {name: picture(f"{person.reference}/{name}") for name in ("front", "back", "selfie")}
    return lives.given(person, "camera.identity", "camera", seeds)


def portrait(person: Person) -> Offer:
    """Return the picture beside a person's user name."""
    seed = picture(f"{person.reference}/picture")
    return lives.given(person, "camera.profile", "camera", {"picture": seed})
