"""What a house should hold, told in plain dicts; it shares no code with the house, and no table of it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# category: retention class, days from collection, days from leaving, years at most
KEEPS = {
    "account": ("account", None, 30, 20),
    "transactions": ("transactions", None, None, 7),
    "usage": ("usage", 30, None, None),
    "network": ("technical:security.accounts", 90, None, None),  # for security alone: one year
    "support.feedback": ("support", None, None, 5),
    "camera.profile": ("profile-picture", None, 1, 5),
}
CLASSES = {kept: category for category, (kept, *_) in KEEPS.items()}
FOREVER = 253_402_300_799_000_000
HOLDS = {  # the classes that a matter holds, by its reason
    "litigation": {"account", "identity", "transactions", "payment", "activity", "support"},
    "theft": {"technical"},
}
OPENS = {"account", "support.feedback"}  # whose circumstance may begin a membership
STEPS = {"open": {"answered", "closed"}, "answered": {"open", "closed"}, "closed": {"open"}}
UNMOVED = 5 * 365.25 + 3  # days after which time closes one that nobody moved, or removes it when it is empty
# category: (purpose, what is asked for, an objection governs it, consent governs it)
USES = {
    "account": ("security.accounts", False, False),
    "transactions": ("legal.bookkeeping", False, False),
    "usage": ("service.upkeep", True, False),
    "network": ("security.accounts", False, False),
    "support.feedback": ("support.quality", True, False),
    "camera.profile": ("camera.profile", False, True),
}


def years(at, count):
    """The same date some years later; the last day of February where there is no 29th."""
    moment = EPOCH + timedelta(microseconds=at)
    try:
        later = moment.replace(year=moment.year + count)
    except ValueError:
        later = moment.replace(year=moment.year + count, day=28)
    return (later - EPOCH) // timedelta(microseconds=1)


def a_month(at):
    """The same day a month later, or the last one of that month."""
    moment = EPOCH + timedelta(microseconds=at)
    first = moment.replace(day=1) + timedelta(days=32)
    last = (first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return (first.replace(day=min(moment.day, last.day)) - EPOCH) // timedelta(microseconds=1)


def days(at, count):
    return at + int(count * 86_400) * 1_000_000


class Refusal(Exception):
    """What the model expects to be refused for: a set of codes, or the name of an absence."""

    def __init__(self, *codes):
        super().__init__(*codes)
        self.codes = set(codes)


class Person:
    def __init__(self):
        self.records = []  # dicts: category, values, at, and the end that leaving promised, if it did
        self.keys = set()
        self.left = None
        self.consents = {}
        self.objections = set()
        self.restrictions = set()
        self.matters = set()  # (matter, reason)
        self.cases = []  # conversations, as dicts: state, and when it changed

    def held(self):
        """The classes that matters hold."""
        return {kept for _, reason in self.matters for kept in HOLDS[reason]}

    def holds(self, category):
        return KEEPS[category][0].partition(":")[0] in self.held()

    def restricted(self, category):
        return bool({"*", category, category.partition(".")[0]} & self.restrictions)

    def narrows(self, record):
        """When a record stops being readable for ordinary purposes."""
        limit = self.most(record)
        return limit if record["promised"] is None else min(limit, record["promised"])

    def most(self, record):
        """When it would, if the person never left."""
        _, period, _, most = KEEPS[record["category"]]
        return days(record["at"], period) if period is not None else years(record["at"], most)

    def promise(self, record):
        """Give a record the end that leaving brings, unless it has an earlier one."""
        after = KEEPS[record["category"]][2]
        if after is not None:
            end = days(self.left, after)
            record["promised"] = end if record["promised"] is None else min(end, record["promised"])

    def counts(self, record, now, returns):
        """Whether a record stands against a second one of its category."""
        if self.end(record) <= now:
            return False
        if KEEPS[record["category"]][2] is None or (self.left is not None and not returns):
            return True
        return self.left is None and self.narrows(record) == self.most(record)

    def end(self, record):
        """When a record ends for everybody."""
        return years(record["at"], 1) if record["category"] == "network" else self.narrows(record)


class Model:
    """The world as it should be: who is there, what they told, what the ledger says happened."""

    def __init__(self, once, duties):
        self.once = once  # categories of which one set is held
        self.duties = duties  # classes that a law keeps
        self.people = {}
        self.emails = {}  # address: (who, the records that have it)
        self.begun = []  # erasures under way: (who, or None for somebody who goes whole; the records that go)
        self.lines = Counter({"agreement.adopted": 1})
        self.expired = Counter()  # records that went with their time, by category

    def person(self, who):
        if who not in self.people:
            self.refuse("absent")
        return self.people[who]

    def refuse(self, *codes):
        self.lines["request.refused"] += 1
        raise Refusal(*codes)

    # ---- acts

    def collect(self, who, category, values, now, case=None):
        self.finish(who)
        if who not in self.people and category not in OPENS:
            self.refuse("absent")
        person = self.people.get(who) or Person()
        if category == "camera.profile" and person.consents.get("camera.profile") != "given":
            self.refuse(f"consent-{person.consents.get('camera.profile', 'missing')}")
        if case is not None:
            self.conversation(person, case)
            if case["state"] == "closed":
                self.refuse("wrong-state")
        record = {"category": category, "values": dict(values), "at": now, "promised": None, "case": case}
        returns = person.left is not None and category in OPENS and KEEPS[category][2] is not None
        if person.left is not None and not returns:
            person.promise(record)
            if person.end(record) <= now:
                self.refuse("left")
        codes = set()
        if category in self.once and any(
            r["category"] == category and person.counts(r, now, returns) for r in person.records
        ):
            codes.add("already-held")
        if "email" in values and self.is_taken(values["email"], who, now):
            codes.add("taken")
        if codes:
            self.refuse(*codes)
        if who not in self.people or returns:
            self.people[who] = person
            self.lines["member.joined"] += 1
        if returns:
            person.left = None
        person.records.append(record)
        person.keys.add(KEEPS[category][0])
        if "email" in values:
            self.claim(values["email"], who, record)
        self.lines["record.collected"] += 1

    def correct(self, who, email, now):
        person = self.person(who)
        here = [r for r in person.records if r["category"] == "account" and now < person.narrows(r)]
        if not here:
            self.refuse("field-missing")
        if self.is_taken(email, who, now):
            self.refuse("taken")
        record = here[-1]
        self.forget_names(record)
        record["values"]["email"] = email
        self.claim(email, who, record)
        self.lines["record.corrected"] += 1

    def read(self, who, category, now):
        person = self.person(who)
        purpose, by_objection, by_consent = USES[category]
        codes = set()
        if person.restricted(category):
            codes.add("restricted")
        if by_objection and purpose in person.objections:
            codes.add("objected")
        if by_consent and person.consents.get(purpose) != "given":
            codes.add(f"consent-{person.consents.get(purpose, 'missing')}")
        if codes:
            self.refuse(*codes)
        ends = person.end if category == "network" else person.narrows
        return self.seen(person, category, ends, now, "record.used")

    def access(self, who, category, now):
        person = self.person(who)
        return self.seen(person, category, person.end, now, "record.accessed")

    def seen(self, person, category, ends, now, kind):
        held = [r for r in person.records if r["category"] == category]
        here = [r["values"] for r in held if now < ends(r)]
        if held and not here:
            self.refuse("expired")
        self.lines[kind] += 1
        return here

    def choose(self, who, purpose, choice):
        self.person(who).consents[purpose] = choice
        self.lines[f"consent.{choice}"] += 1

    def object(self, who, purpose, made):
        (self.person(who).objections.add if made else self.person(who).objections.discard)(purpose)
        self.lines["objection.made" if made else "objection.ended"] += 1

    def restrict(self, who, category, made):
        (self.person(who).restrictions.add if made else self.person(who).restrictions.discard)(category)
        self.lines["restriction.set" if made else "restriction.lifted"] += 1

    def hold(self, who, matter, reason, placed):
        one = (matter, reason)
        (self.person(who).matters.add if placed else self.person(who).matters.discard)(one)
        self.lines["hold.placed" if placed else "hold.ended"] += 1

    def conversation(self, person, case):
        if not any(case is each for each in person.cases):
            self.refuse("unknown-case")

    def open_case(self, who, now):
        case = {"state": "open", "changed": now}
        self.person(who).cases.append(case)
        self.lines["case.opened"] += 1
        return case

    def move(self, who, case, state, now):
        person = self.person(who)
        self.conversation(person, case)
        if state not in STEPS[case["state"]]:
            self.refuse("wrong-state")
        self.bring(who, person, case, state, now)

    def bring(self, who, person, case, state, now):
        """Bring a conversation to a state; its end is the start of two years for what belongs to it."""
        ghosts = [record for owner, some in self.begun if owner == who for record in some]
        for record in [*person.records, *ghosts]:
            if record["case"] is not case:
                continue
            if state == "closed":
                end = years(now, 2)
                record["promised"] = end if record["promised"] is None else min(end, record["promised"])
            elif case["state"] == "closed" and now < person.narrows(record):
                record["promised"] = None
        case.update(state=state, changed=now)
        self.lines["case.moved"] += 1

    def leave(self, who, now):
        person = self.person(who)
        if person.left is None:
            person.left = now
            ghosts = [record for owner, some in self.begun if owner == who for record in some]
            for record in [*person.records, *ghosts]:
                person.promise(record)
        self.lines["member.left"] += 1

    def erase(self, who, classes, now):
        """Return (classes that go, those that stay and until when, whether the person goes)."""
        found = self.begin(who, classes, now)
        self.end(self.begun[-1])
        return found

    def begin(self, who, classes, now):
        """Begin an erasure: from here on nobody reads what goes."""
        self.finish(who)
        person = self.person(who)
        wanted = {kept for kept in person.keys if not classes or kept.partition(":")[0] in classes}
        stays = {}
        for kept in wanted:
            living = any(KEEPS[r["category"]][0] == kept and now < person.end(r) for r in person.records)
            if kept in self.duties and living:
                stays[kept] = "duty"
            elif person.holds(CLASSES[kept]):
                stays[kept] = "held"
        goes = wanted - stays.keys()
        whole = not stays and wanted == person.keys
        if not goes and not whole:
            self.refuse(*(set(stays.values()) or {"no-clause"}))
        self.lines["erasure.begun"] += 1
        ghosts = [r for r in person.records if KEEPS[r["category"]][0] in goes]
        person.records = [r for r in person.records if KEEPS[r["category"]][0] not in goes]
        person.keys -= goes
        self.begun.append((None if whole else who, ghosts))
        if whole:
            self.forget_names(*ghosts)
            del self.people[who]
        elif not classes and person.left is None:
            self.leave(who, now)
        return goes, {kept: self.until(person, kept, why) for kept, why in stays.items()}, whole

    def until(self, person, kept, why):
        """Until when a class stays."""
        ends = [person.end(r) for r in person.records if KEEPS[r["category"]][0] == kept]
        return max(ends) if why == "duty" else FOREVER

    def end(self, erasure):
        self.begun = [each for each in self.begun if each is not erasure]
        self.forget_names(*erasure[1])
        self.lines["erasure.done"] += 1

    def finish(self, who):
        """Finish the erasures of somebody that were cut off."""
        for erasure in [each for each in self.begun if each[0] == who]:
            self.end(erasure)

    def resume(self):
        """Finish every erasure that was cut off."""
        for erasure in self.begun:
            self.end(erasure)

    def sign_in(self, who, now):
        """Find what proves that it is them: a restriction leaves that alone."""
        person = self.person(who)
        return self.seen(person, "account", person.narrows, now, "record.used")

    def sweep(self, now):
        """Return how many records go, and who left for good."""
        self.resume()
        gone, count = set(), 0
        for person in self.people.values():
            over = [r for r in person.records if person.end(r) <= now and not person.holds(r["category"])]
            gone |= {r["category"] for r in over}
            count += len(over)
            self.expired.update(r["category"] for r in over)
            person.records = [r for r in person.records if not any(r is each for each in over)]
            self.forget_names(*over)
        self.lines["record.expired"] += len(gone)
        ended = [w for w, p in self.people.items() if p.left is not None and not p.records and not p.matters]
        for who in ended:
            del self.people[who]
        self.lines["member.ended"] += bool(ended)
        return count, ended, self.sweep_cases(now)

    def waits(self, now):
        """Whether anybody who wrote has waited for an answer longer than a month."""
        return any(
            case["state"] == "open" and a_month(case["changed"]) < now
            for person in self.people.values()
            for case in person.cases
        )

    def sweep_cases(self, now):
        """Return how many conversations time closes, or removes as nothing of them is left."""
        until, closed, removed = days(now, -UNMOVED), 0, 0
        for who, person in self.people.items():
            for case in person.cases:
                if case["state"] != "closed" and case["changed"] <= until:
                    self.bring(who, person, case, "closed", now)
                    closed += 1
            used = [record["case"] for record in person.records]
            empty = [c for c in person.cases if not any(c is case for case in used)]
            over = [c for c in empty if c["state"] == "closed" and c["changed"] <= until]
            person.cases = [c for c in person.cases if not any(c is case for case in over)]
            removed += len(over)
        self.lines["case.removed"] += bool(removed)
        return closed + removed

    # ---- names

    def is_taken(self, email, who, now):
        """Whether somebody else has a record with an address; from one whose time is over it is taken."""
        owner, _ = self.emails.get(email, (who, []))
        if owner == who:
            return False
        self.finish(owner)  # what goes holds no name
        _, some = self.emails.pop(email, (owner, []))
        if any(self.people[owner].end(record) > now for record in some):
            self.emails[email] = (owner, some)
            return True
        return False

    def claim(self, email, who, record):
        owner, some = self.emails.get(email, (who, []))
        self.emails[email] = (who, [*(some if owner == who else []), record])

    def forget_names(self, *some):
        left = {
            email: (who, [r for r in records if not any(r is each for each in some)])
            for email, (who, records) in self.emails.items()
        }
        self.emails = {email: held for email, held in left.items() if held[1]}
