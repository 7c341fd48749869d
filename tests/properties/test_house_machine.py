"""Whatever people do, and in whatever order, a house and a plain model of it agree."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.cast import (
    AGENT,
    BOOKKEEPER,
    ENGINEER,
    EXCHANGE,
    LAWYER,
    LEAD,
    PORTAL,
    SECURITY,
    USAGE_SCRIPT,
)
from tests.databases import STORES
from tests.drawing import face
from tests.houses import MEMBER_TEXT, START
from tests.inside import audited, blobs_of, count_of, ledger_of, rows_of, shown
from tests.properties.model import CLASSES, KEEPS, USES, Model, Refusal
from troth.acts.collect import offering
from troth.acts.rights import erasing
from troth.clock import Settable
from troth.custody.endings import erasing as custody
from troth.custody.endings import finishing
from troth.custody.take_in import Taken
from troth.errors import Absent, Erased, NotFound, Refused, TrothError
from troth.evidence.report import verify
from troth.evidence.status import Status
from troth.rules.decision import member
from troth.store import schema

CLASS = st.sampled_from(sorted({kept.partition(":")[0] for kept in CLASSES}))
WHO = st.sampled_from(["M-1", "M-2", "M-3"])
EMAIL = st.sampled_from([f"{name}@example.org" for name in ("ada", "ben", "cem", "dia")])
CATEGORY = st.sampled_from(sorted(KEEPS))
PURPOSE = st.sampled_from(["camera.profile", "contact.promotion"])
CONTESTED = st.sampled_from(["service.upkeep", "support.quality"])
AREA = st.sampled_from(["*", "account", "usage", "support"])
MATTER = st.sampled_from(["case-1", "case-2"])
REASON = st.sampled_from(["litigation", "litigation", "theft"])
WHICH = st.integers(0, 2)
SPAN = st.sampled_from([timedelta(microseconds=1), timedelta(days=1), timedelta(days=20), timedelta(days=91),
                        timedelta(days=400), timedelta(days=3000)])  # fmt: skip
LATEST = timedelta(days=365 * 200) // timedelta(microseconds=1)  # of 285 years that JSON's integers reach
READERS = {
    "account": SECURITY, "transactions": BOOKKEEPER, "usage": ENGINEER, "network": SECURITY,
    "support.feedback": LEAD, "camera.profile": PORTAL,
}  # fmt: skip
WHEN = {
    "account": ("registration", None), "transactions": ("service_use", EXCHANGE),
    "usage": ("usage_log", USAGE_SCRIPT), "network": ("service_use", PORTAL),
    "support.feedback": ("customer_service", None), "camera.profile": ("camera", None),
}  # fmt: skip


KEPT = MEMBER_TEXT.index("keep: technical\nof:")
THEFT = MEMBER_TEXT[:KEPT] + MEMBER_TEXT[KEPT:].replace(  # a second reason, which holds other classes
    "then: erase", "then: erase\nholds: [theft]\nheld_by: {roles: [lawyer]}", 1
)
SEVERAL = THEFT.replace("opens: true\nrecords: one\n", "opens: true\n", 1)
PICTURES = THEFT.index("keep: profile-picture\nof:")
KEPT_PICTURES = THEFT[:PICTURES] + THEFT[PICTURES:].replace("then: erase", "then: erase\nduty: a law", 1)
AGREEMENTS = {  # by how many accounts a person may have; or a law keeps pictures for a time after leaving
    "one": (THEFT, {"account", "camera.profile"}, {"transactions"}),
    "several": (SEVERAL, {"camera.profile"}, {"transactions"}),
    "pictures": (KEPT_PICTURES, {"account", "camera.profile"}, {"transactions", "profile-picture"}),
}


def until(stays):
    return {each.kept: each.until for each in stays}


def in_no_order(records):
    return sorted(repr(sorted(record.items())) for record in records)


class HouseMachine(RuleBasedStateMachine):
    """Every act, on the house and on the model; what is answered or refused must be the same."""

    def __init__(self, houses, folder, accounts):
        super().__init__()
        self.houses, self.folder = houses, folder
        self.clock = Settable(START)
        text, once, duties = AGREEMENTS[accounts]
        self.house = houses(text, clock=self.clock)
        self.model = Model(once, duties)
        self.numbers = {}  # of who is here
        self.erased = {}  # number: the pseudonym it had
        self.told = 0

    def agree(self, expected, act):
        """Let the model and the house do the same; return both answers, or None when both refuse."""
        wanted, codes = None, set()
        try:
            wanted = expected()
        except Refusal as refusal:
            codes = refusal.codes
        if not codes:
            return wanted, act()
        with pytest.raises((Refused, Absent)) as caught:
            act()
        assert codes == ({"absent"} if isinstance(caught.value, Absent) else set(caught.value.codes))
        return None

    # ---- telling

    def values(self, category, email):
        self.told += 1
        page = f"https://example.org/{self.told}"
        return {
            "account": {"email": email},
            "transactions": {
                "time": "2027-06-01T09:00:00Z", "kind": "buy", "reference": f"T-{self.told}",
                "amount": {"amount": f"{self.told}.50", "currency": "EUR"},
            },
            "usage": {"time": "2027-06-01T09:00:00Z", "page": page},
            "network": {"time": "2027-06-01T09:00:00Z", "ip": f"203.0.113.{self.told % 256}"},
            "support.feedback": {"rating": self.told},
            "camera.profile": {"picture": face(str(self.told))},
        }[category]  # fmt: skip

    @rule(who=WHO, category=CATEGORY, email=EMAIL)
    def collect(self, who, category, email):
        self.clock.forward(1)  # so that it is known which record is the latest
        values = self.values(category, email)
        when, by = WHEN[category]
        both = self.agree(
            lambda: self.model.collect(who, category, values, self.clock.at),
            lambda: self.house.collect(about=who, category=category, when=when, values=values, by=by),
        )
        if both:
            assert self.numbers.setdefault(who, both[1].subject) == both[1].subject

    @rule(who=WHO, email=EMAIL)
    def join(self, who, email):
        self.collect(who, "account", email)

    @rule(people=st.lists(WHO, min_size=1, max_size=4))
    def collect_a_stream(self, people):
        offers, expected = [], []
        for who in people:
            self.model.finish(who)
        for who in people:
            values = self.values("usage", "")
            offers.append(
                offering(by=USAGE_SCRIPT, about=who, category="usage", when="usage_log", values=values)
            )
            before = self.model.lines.copy()
            try:
                self.model.collect(who, "usage", values, self.clock.at)
                expected.append("")
            except Refusal:
                expected.append("absent")
            self.model.lines = before
        outcomes = self.house.collect_many(offers)
        assert ["" if isinstance(each, Taken) else "absent" for each in outcomes] == expected
        self.model.lines["record.collected"] += "" in expected
        self.model.lines["request.refused"] += "absent" in expected

    @rule(who=WHO, email=EMAIL)
    def correct(self, who, email):
        self.agree(
            lambda: self.model.correct(who, email, self.clock.at),
            lambda: self.house.correct(about=who, category="account", values={"email": email}),
        )

    # ---- looking

    @rule(who=WHO, category=CATEGORY)
    def read(self, who, category):
        asking = self.house.purpose(USES[category][0], by=READERS[category], case="C-1", reason="as asked")
        both = self.agree(
            lambda: self.model.read(who, category, self.clock.at),
            lambda: asking.read(about=who, category=category),
        )
        if both:
            self.same(*both)

    @rule(who=WHO)
    def sign_in(self, who):
        asking = self.house.purpose("signin", by=PORTAL)
        both = self.agree(
            lambda: self.model.sign_in(who, self.clock.at),
            lambda: asking.read(about=who, category="account"),
        )
        if both:
            self.same(*both)

    @rule(who=WHO, category=CATEGORY)
    def access(self, who, category):
        both = self.agree(
            lambda: self.model.access(who, category, self.clock.at),
            lambda: self.house.access(about=who, category=category),
        )
        if both:
            self.same(*both)

    @staticmethod
    def same(wanted, handed):
        """Compare values; those taken in at one instant have no order among them."""
        assert in_no_order(shown(handed)) == in_no_order(wanted)
        times = [held.collected_at for held in handed.records]
        assert times == sorted(times)

    # ---- choosing

    @rule(who=WHO, purpose=PURPOSE, choice=st.sampled_from(["given", "given", "refused", "withdrawn"]))
    def choose(self, who, purpose, choice):
        act = {"given": self.house.consent, "refused": self.house.refuse, "withdrawn": self.house.withdraw}
        self.agree(
            lambda: self.model.choose(who, purpose, choice), lambda: act[choice](about=who, purpose=purpose)
        )

    @rule(who=WHO, purpose=CONTESTED, made=st.booleans())
    def object(self, who, purpose, made):
        act = self.house.object if made else self.house.end_objection
        self.agree(lambda: self.model.object(who, purpose, made), lambda: act(about=who, purpose=purpose))

    @rule(who=WHO, area=AREA, made=st.booleans())
    def restrict(self, who, area, made):
        act = self.house.restrict if made else self.house.lift
        self.agree(lambda: self.model.restrict(who, area, made), lambda: act(about=who, category=area))

    @rule(who=WHO, matter=MATTER, reason=REASON, placed=st.booleans())
    def hold(self, who, matter, reason, placed):
        act = self.house.hold if placed else self.house.end_hold
        self.agree(
            lambda: self.model.hold(who, matter, reason, placed),
            lambda: act(about=who, matter=matter, reason=reason, by=LAWYER),
        )

    @rule(who=WHO)
    def leave(self, who):
        self.agree(lambda: self.model.leave(who, self.clock.at), lambda: self.house.leave(about=who))

    @rule(who=WHO, email=EMAIL, span=SPAN)
    def leave_and_come_back(self, who, email, span):
        self.leave(who)
        self.time_passes(span)
        self.join(who, email)

    @rule(who=WHO)
    def leave_and_let_the_time_run_out(self, who):
        self.leave(who)
        self.years_pass()

    @rule(who=WHO, matter=MATTER, reason=REASON)
    def hold_and_let_the_time_run_out(self, who, matter, reason):
        self.hold(who, matter, reason, placed=True)
        self.years_pass()

    # ---- conversations

    @rule(who=WHO)
    def open_a_conversation(self, who):
        both = self.agree(
            lambda: self.model.open_case(who, self.clock.at),
            lambda: self.house.open_case(about=who, name="conversation"),
        )
        if both:
            both[0]["id"] = both[1].case.id

    def conversation(self, who, which):
        """One of somebody's conversations; one that is nobody's when they have none."""
        mine = self.model.people[who].cases if who in self.model.people else []
        return mine[which % len(mine)] if mine else {"state": "open", "id": bytes(16)}

    @rule(who=WHO, which=WHICH)
    def write_in_a_conversation(self, who, which):
        self.clock.forward(1)
        case, values = self.conversation(who, which), self.values("support.feedback", "")
        told = {"category": "support.feedback", "values": values}
        both = self.agree(
            lambda: self.model.collect(who, **told, now=self.clock.at, case=case),
            lambda: self.house.collect(about=who, **told, when="customer_service", within=case["id"]),
        )
        if both:
            self.numbers.setdefault(who, both[1].subject)

    @rule(who=WHO, which=WHICH, state=st.sampled_from(["answered", "open", "closed", "closed"]))
    def move_a_conversation(self, who, which, state):
        case, by = self.conversation(who, which), AGENT if state == "answered" else None
        self.agree(
            lambda: self.model.move(who, case, state, self.clock.at),
            lambda: self.house.move_case(about=who, case=case["id"], to=state, by=by),
        )

    # ---- erasing, and time

    @rule(who=WHO, classes=st.sets(CLASS, max_size=2))
    def erase(self, who, classes):
        name = self.pseudonym(self.numbers.get(who))
        both = self.agree(
            lambda: self.model.erase(who, classes, self.clock.at),
            lambda: self.house.erase(about=who, classes=classes),
        )
        if both:
            (goes, stays, whole), gone = both
            assert (set(gone.erased), until(gone.stays), gone.whole) == (goes, stays, whole)
            if whole:
                self.erased[self.numbers.pop(who)] = name

    @rule(who=WHO)
    def erase_everything(self, who):
        self.erase(who, set())

    @rule(who=WHO, classes=st.sets(CLASS, max_size=2), keys=st.booleans())
    def erase_and_stop_in_the_middle(self, who, classes, keys):
        """Do what a process does that is cut off after its decision, or after the keys are gone."""
        name = self.pseudonym(self.numbers.get(who))
        job = erasing(by=member(), about=who, classes=classes)

        def begin():
            begun = self.house.teller.alone(lambda desk: custody.begin(desk, job))
            if isinstance(begun, TrothError):
                raise begun
            return begun

        both = self.agree(lambda: self.model.begin(who, classes, self.clock.at), begin)
        if both:
            (goes, stays, whole), begun = both
            assert (set(begun.classes), until(begun.stays), begun.whole) == (goes, stays, whole)
            if keys:
                self.house.teller.chore(
                    lambda house: finishing.destroy_keys(house, begun.subject, begun.classes, whole=whole)
                )
            if whole:
                self.numbers.pop(who)
                if keys:
                    self.erased[begun.subject] = name

    @rule(span=SPAN)
    def time_passes(self, span):
        if self.clock.at < LATEST:
            self.clock.forward(span // timedelta(microseconds=1))

    @rule()
    def years_pass(self):
        self.time_passes(timedelta(days=2600))
        self.sweep()

    @rule()
    def sweep(self):
        names = {number: self.pseudonym(number) for number in self.numbers.values()}
        swept = self.house.sweep()
        expired, ended, cases = self.model.sweep(self.clock.at)
        assert (swept.expired, swept.ended, swept.cases) == (expired, len(ended), cases)
        for who in ended:
            number = self.numbers.pop(who)
            self.erased[number] = names[number]

    @rule()
    def reopen(self):
        self.model.resume()
        self.house = self.houses.again(self.house)

    # ---- what always holds

    def pseudonym(self, number):
        return self.house.teller.alone(lambda desk: desk.pseudonym(number))

    @invariant()
    def as_many_rows_as_the_model_has(self):
        people = self.model.people.values()
        records = [r for person in people for r in person.records]
        records += [record for _, ghosts in self.model.begun for record in ghosts]
        assert count_of(self.house, schema.records) == len(records)
        assert count_of(self.house, schema.subjects) == len(self.model.people)
        assert count_of(self.house, schema.names) == len(self.model.people) + len(self.model.emails)
        linked = [r for person in people for r in person.records if r["case"]]
        linked += [r for who, ghosts in self.model.begun if who is not None for r in ghosts if r["case"]]
        assert count_of(self.house, schema.cases) == sum(len(person.cases) for person in people)
        assert count_of(self.house, schema.case_records) == len(linked)
        held = {(row.subject, row.kept) for row in rows_of(self.house, schema.holds)}
        assert len(held) == sum(len(person.held()) for person in people)
        assert count_of(self.house, schema.leavers) == sum(person.left is not None for person in people)
        assert count_of(self.house, schema.blobs) == sum(r["category"] == "camera.profile" for r in records)

    def teardown(self):
        try:
            self.look_at_everything()
        finally:
            self.house.close()

    def look_at_everything(self):
        for who in ("M-1", "M-2", "M-3"):
            for category in KEEPS:
                self.access(who, category)
                self.read(who, category)
        self.lines_are_as_the_model_has_them()
        self.nobody_finds_the_erased()
        self.sweep()
        self.as_many_rows_as_the_model_has()
        kept = {
            (self.numbers[who], kept) for who, person in self.model.people.items() for kept in person.keys
        }
        keys = {
            (row.subject, row.kept)
            for row in rows_of(self.house, schema.keys)
            if not row.kept.startswith(":")
        }
        assert keys == kept
        assert len(blobs_of(self.house)) == count_of(self.house, schema.blobs)
        broken = {each.clause for each in verify(self.house.teller).clauses if each.status is Status.BROKEN}
        assert broken == ({"contact.us"} if self.model.waits(self.clock.at) else set())
        assert audited(self.house, self.folder / self.house.teller.house.directory.name).size == len(
            ledger_of(self.house)
        )

    def lines_are_as_the_model_has_them(self):
        """What expired has a line for each category, or several: each partition that is over has its own."""
        entries = ledger_of(self.house)
        lines, wanted = Counter(entry.kind for entry in entries), +self.model.lines
        assert lines.pop("record.expired", 0) >= wanted.pop("record.expired", 0)
        assert lines == wanted
        gone = [entry for entry in entries if entry.kind == "record.expired"]
        assert Counter(entry.category for entry in gone for _ in range(entry.count)) == self.model.expired

    def nobody_finds_the_erased(self):
        names = {self.pseudonym(number) for number in self.numbers.values()}
        for number, name in self.erased.items():
            assert name is not None
            assert self.pseudonym(number) is None
            assert name not in names
            with pytest.raises(Erased):
                self.house.access(about=number, category="account")
        with pytest.raises(NotFound):
            self.house.access(about="M-unknown", category="account")


def assert_agreement(machine, examples):
    """Run the machine with this many examples; more in the thorough profile, which also shrinks.

    Shrinking a run of forty acts takes minutes, and the whole run is printed anyhow.
    """
    thorough = settings().max_examples > 1000
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples * 20 if thorough else examples,
            stateful_step_count=40,
            deadline=None,
            phases=Phase if thorough else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("accounts", AGREEMENTS)
@pytest.mark.parametrize("kind", STORES)
def test_a_house_does_what_its_model_does(kind, accounts, houses_of, tmp_path):
    houses = houses_of(kind)
    try:
        assert_agreement(lambda: HouseMachine(houses, tmp_path, accounts), 15 if kind == "sqlite" else 5)
    finally:
        houses.close()
