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
DUTIES = {"transactions"}
HELD = {"account", "support"}  # the classes that a lawsuit may hold
OPENS = {"account", "support.feedback"}  # whose circumstance may begin a membership
ONCE = {"account", "camera.profile"}
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


def days(at, count):
    return at + count * 86_400_000_000


class Refusal(Exception):
    """What the model expects to be refused for: a set of codes, or the name of an absence."""

    def __init__(self, *codes):
        super().__init__(*codes)
        self.codes = set(codes)


class Person:
    def __init__(self):
        self.records = []  # dicts: category, values, at
        self.keys = set()
        self.left = None
        self.consents = {}
        self.objections = set()
        self.restrictions = set()
        self.matters = set()

    def restricted(self, category):
        return bool({"*", category, category.partition(".")[0]} & self.restrictions)

    def narrows(self, record):
        """When a record stops being readable for ordinary purposes."""
        category, at = record["category"], record["at"]
        _, period, after_leaving, most = KEEPS[category]
        if period is not None:
            return days(at, period)
        limit = years(at, most)
        if after_leaving is None or self.left is None:
            return limit
        return min(limit, days(self.left, after_leaving))

    def end(self, record):
        """When a record ends for everybody."""
        return years(record["at"], 1) if record["category"] == "network" else self.narrows(record)


class Model:
    """The world as it should be: who is there, what they told, what the ledger says happened."""

    def __init__(self):
        self.people = {}
        self.emails = {}  # address: (who, its record)
        self.lines = Counter({"agreement.adopted": 1})

    def person(self, who):
        if who not in self.people:
            self.refuse("absent")
        return self.people[who]

    def refuse(self, *codes):
        self.lines["request.refused"] += 1
        raise Refusal(*codes)

    # ---- acts

    def collect(self, who, category, values, now):
        if who not in self.people and category not in OPENS:
            self.refuse("absent")
        person = self.people.get(who) or Person()
        if category == "camera.profile" and person.consents.get("camera.profile") != "given":
            self.refuse(f"consent-{person.consents.get('camera.profile', 'missing')}")
        record = {"category": category, "values": dict(values), "at": now}
        if person.left is not None and person.end(record) <= now:
            self.refuse("left")
        codes = set()
        if category in ONCE and any(
            r["category"] == category and now < person.end(r) for r in person.records
        ):
            codes.add("already-held")
        if "email" in values and self.emails.get(values["email"], (who,))[0] != who:
            codes.add("taken")
        if codes:
            self.refuse(*codes)
        if who not in self.people:
            self.people[who] = person
            self.lines["member.joined"] += 1
        person.records.append(record)
        person.keys.add(KEEPS[category][0])
        if "email" in values:
            self.emails[values["email"]] = (who, record)
        self.lines["record.collected"] += 1

    def correct(self, who, email, now):
        person = self.person(who)
        here = [r for r in person.records if r["category"] == "account" and now < person.narrows(r)]
        if not here:
            self.refuse("field-missing")
        if self.emails.get(email, (who,))[0] != who:
            self.refuse("taken")
        record = here[-1]
        self.forget_names(record)
        record["values"]["email"] = email
        self.emails[email] = (who, record)
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

    def hold(self, who, matter, placed):
        (self.person(who).matters.add if placed else self.person(who).matters.discard)(matter)
        self.lines["hold.placed" if placed else "hold.ended"] += 1

    def leave(self, who, now):
        person = self.person(who)
        person.left = now if person.left is None else person.left
        self.lines["member.left"] += 1

    def erase(self, who, classes, now):
        """Return (classes that go, classes that stay, whether the person goes)."""
        person = self.person(who)
        wanted = {kept for kept in person.keys if not classes or kept.partition(":")[0] in classes}
        stays = {}
        for kept in wanted:
            living = any(KEEPS[r["category"]][0] == kept and now < person.end(r) for r in person.records)
            if kept in DUTIES and living:
                stays[kept] = "duty"
            elif kept in HELD and person.matters:
                stays[kept] = "held"
        goes = wanted - stays.keys()
        whole = not stays and wanted == person.keys
        if not goes and not whole:
            self.refuse(*(set(stays.values()) or {"no-clause"}))
        self.lines.update(["erasure.begun", "erasure.done"])
        self.drop(person, [r for r in person.records if KEEPS[r["category"]][0] in goes])
        person.keys -= goes
        if whole:
            del self.people[who]
        return goes, set(stays), whole

    def sweep(self, now):
        """Return how many records go."""
        gone, count = set(), 0
        for person in self.people.values():
            over = [r for r in person.records if person.end(r) <= now]
            if not person.matters:
                gone |= {r["category"] for r in over}
                count += len(over)
                self.drop(person, over)
        self.lines["record.expired"] += len(gone)
        return count

    def drop(self, person, some):
        for record in some:
            self.forget_names(record)
            person.records = [r for r in person.records if r is not record]

    def forget_names(self, record):
        self.emails = {email: held for email, held in self.emails.items() if held[1] is not record}
