"""Nothing a person told can be found outside of what is sealed: not at rest, not in logs, not in errors."""

import copy
import io
import json
import logging
import pickle
import traceback
import warnings
from base64 import urlsafe_b64decode
from urllib.parse import urlsplit

import psycopg
import pytest
from rich.console import Console
from rich.traceback import Traceback
from sqlalchemy import text

from tests.cast import AGENT, EXCHANGE, GUARD, OFFICER, OUTBOX, PAYOUT, VERIFICATION
from tests.databases import Databases, Server
from tests.houses import MEMBER_TEXT, START
from tests.inside import rows_of
from tests.privacy.canaries import AS_SPELLED, NEEDLES, PICTURE, TOLD, WHO, canaries, forms, search, sightings
from troth.acts.collect import offering, taking
from troth.acts.disclose import disclosing
from troth.acts.use import reading
from troth.clock import DAY, Settable
from troth.custody.desk import Desk
from troth.custody.repeating import Once
from troth.errors import Refused, StoreUnavailable, TrothError
from troth.evidence.report import verify
from troth.library import init
from troth.rules.decision import member
from troth.store import schema
from troth.store.unit import unit

NOBODY = f"{WHO}-nobody"
TABLES = [*schema.store.sorted_tables, *schema.keystore.sorted_tables]


def tell_all(house):
    """Let the person tell everything, correct some of it, be read, disclosed, and refused."""
    for category, when, values, by in TOLD:
        house.collect(about=WHO, category=category, when=when, values=values, by=by, age=55)
        if category == "account":
            for purpose in ("camera.identity", "camera.profile", "contact.promotion"):
                house.consent(about=WHO, purpose=purpose)
    tell_once(house)
    for category, *_ in TOLD:
        house.access(about=WHO, category=category)
    house.purpose("support.reply", by=AGENT, case="C-1").read(about=WHO, category="account")
    house.correct(about=WHO, category="account", values={"username": "Qx7Zmaria_kwan"})
    house.correct(about=WHO, category="camera.profile", values={"picture": PICTURE})
    for kind in ("contract", "confidentiality", "safeguard"):
        house.record_instrument(
            by=OFFICER, recipient="processors.payments.payments-processor", kind=kind, reference="file/1",
            until=house.teller.house.clock() + DAY,
        )  # fmt: skip
    house.purpose("service.payments", by=PAYOUT).disclose(
        about=WHO, category="payment", to="processors.payments.payments-processor"
    )
    house.restrict(about=WHO)
    house.lift(about=WHO)
    house.object(about=WHO, purpose="service.upkeep")
    list(refusals(house))
    list(refusals(house, names=True))
    house.sweep()
    verify(house.teller)


def tell_once(house):
    """Let a program tell something under a key, and again, with the person's words where names belong."""
    category, when, values, by = next(told for told in TOLD if told[3] == EXCHANGE)
    account, who = TOLD[0][2], {"by": by, "about": WHO}
    offers = [
        offering(category=category, when=when, values=values, **who),
        offering(category=category, when=when, values={**values, account["email"]: account["phone"]}, **who),
        offering(category=account["username"], when=when, values=values, **who),
        offering(by=by, about=NOBODY, category=account["username"], when=account["email"], values=values),
    ]
    job = Once(taking(offers, together=True), f"{WHO} {account['email']}", repr(values).encode())
    assert house.teller.ask(job)[0] == house.teller.ask(job)[0]


def refusals(house, *, names=False):
    """Make every kind of mistake with the person's own values, and yield each error.

    With `names`, values stand where names belong: the message repeats a name, as it has to.
    """
    account = TOLD[0][2]
    identity = {"category": "identity", "when": "identity_verification", "age": 55}
    mistakes = [
        lambda: house.collect(about=WHO, category="account", when="registration", values=account),
        lambda: house.collect(about="R-2", category="account", when="registration", values=account),
        lambda: house.collect(about=WHO, values={"name": account["email"], "birth_date": WHO}, **identity),
        lambda: house.collect(about=NOBODY, category="usage", when="usage_log", values=account),
        lambda: house.correct(about=WHO, category="account", values={"email": account["phone"]}),
        lambda: house.correct(about=WHO, category="identity", values={"name": account["phone"]}),
        lambda: house.purpose("service.payments", by=OUTBOX).read(about=WHO, category="payment"),
        lambda: house.purpose("identity.verify", by=VERIFICATION).read(about=NOBODY, category="identity"),
        lambda: house.purpose("security.accounts", by=GUARD).one(about=WHO, field="account.nothing"),
        lambda: house.access(about=NOBODY, category="account"),
        lambda: house.erase(about=WHO, classes=["transactions"]),
        lambda: house.leave(about=NOBODY),
    ]  # fmt: skip
    if names:
        mistakes = [
            lambda: house.collect(about=WHO, values={account["email"]: account["phone"]}, **identity),
            lambda: house.collect(
                about=WHO, category=account["email"], when=account["phone"], values=account
            ),
            lambda: house.purpose(account["email"], by=AGENT).read(about=WHO, category="account"),
            lambda: house.purpose("contact.service", by=OUTBOX).disclose(
                about=WHO, category="account", to=account["email"]
            ),
            lambda: house.erase(about=WHO, classes=[account["email"]]),
            lambda: house.consent(about=WHO, purpose=account["email"]),
        ]
    for mistake in mistakes:
        try:
            mistake()
        except TrothError as error:
            yield error
        else:
            pytest.fail("a mistake was taken")


def everything_in(house):
    """Return every row of every table, as a person with a database client would see and as bytes."""
    said = []
    for table in TABLES:
        for row in rows_of(house, table):
            said.append(repr(tuple(row)).encode())
            said += [
                bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                for value in row
            ]
    return b"\n".join(said)


def of(house, number):
    """Return every row that names a person by number."""
    return [
        row
        for table in TABLES
        if "subject" in table.c
        for row in rows_of(house, table)
        if row.subject == number
    ]


# ---- the search itself


@pytest.mark.parametrize("form", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_search_finds_every_canary_that_is_planted(tmp_path, form):
    texts = [canary for canary in canaries() if isinstance(canary, str)]
    assert len(texts) > 25
    for n, canary in enumerate(texts):
        (tmp_path / f"{n}").write_bytes(b"\x00\xffnoise" * 9 + canary.encode(form) + b"noise")

    assert len(search(tmp_path)) == len(texts)


def test_the_search_finds_a_canary_in_each_of_its_forms(tmp_path):
    for canary in canaries():
        for form in forms(canary):
            assert str(canary)[:20] in sightings(b"before" + form + b"after")


def test_the_search_finds_a_canary_that_is_planted_in_a_house(new_house):
    house = new_house()
    with house.teller.house.filing.connect("store") as connection:
        connection.execute(schema.settings.insert().values(name="planted", value=WHO))

    assert sightings(everything_in(house)) == [WHO[:20]]
    if house.teller.house.filing.sqlite:
        assert search(house.teller.house.directory)


# ---- at rest


def test_nothing_told_can_be_found_in_a_house_though_nothing_was_erased(new_house):
    house = new_house()
    tell_all(house)
    directory = house.teller.house.directory

    assert sightings(everything_in(house)) == []
    assert search(directory) == {}
    house.close()
    assert search(directory) == {}


def test_nothing_told_can_be_found_in_the_data_directory_of_a_postgresql_server(tmp_path):
    server = Server("postgresql")
    made = Databases("postgresql", server, tmp_path)
    seed = "Planted-6617-qqx"
    try:
        store, keystore, other = made.one(), made.one(), made.one()
        with psycopg.connect(other, autocommit=True) as connection:
            connection.execute("CREATE TABLE planted (told text)")
            connection.execute("INSERT INTO planted VALUES (%s)", [seed])
        clock = Settable(START)
        with init(tmp_path / "house", MEMBER_TEXT, store=store, keystore=keystore, clock=clock) as house:
            tell_all(house)
        with psycopg.connect(other, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            (empty,) = connection.execute(
                "SELECT oid FROM pg_database WHERE datname = 'template0'"
            ).fetchone()

        found = search(
            server._place,
            {**AS_SPELLED, seed.encode(): "planted"},
            but=server._place / f"server/base/{empty}",
        )

        assert {name for seen in found.values() for name in seen} == {"planted"}
        assert any("/base/" in file for file in found)
        assert any("/pg_wal/" in file for file in found)
    finally:
        made.drop()
        server.stop()


# ---- after an erasure


def test_after_a_whole_erasure_no_token_key_pseudonym_or_row_of_the_person_is_left(new_house):
    house = new_house()
    number = house.collect(about=WHO, category="account", when="registration", values=TOLD[0][2]).subject
    house.collect(about=WHO, category="usage", when="usage_log", values=TOLD[-1][2], by=TOLD[-1][3])
    usage = offering(about=WHO, category="usage", when="usage_log", values=TOLD[-1][2], by=TOLD[-1][3])
    house.teller.ask(Once(taking([usage]), "key 1", b"body"))
    house.sweep()
    pseudonym = next(entry.subject for _, entry in house.entries(about=WHO))
    mine = [
        row
        for table in TABLES
        for row in rows_of(house, table)
        if "subject" in table.c and row.subject == number
    ]
    secret = {
        bytes(value) for row in mine for value in row if isinstance(value, bytes | memoryview) and value
    }
    reference = house.teller.alone(lambda desk: desk.reference_token(WHO))
    assert reference in secret
    assert len(secret) >= 12
    secret -= {
        bytes(row.token) for row in rows_of(house, schema.repeats)
    }  # that a program's key was used stays

    assert house.erase(about=WHO).whole

    (left,) = of(house, number)
    assert set(left._mapping) == {"subject", "erased_on"}
    needles = {value: "a token, key or record" for value in secret if len(value) >= 12}
    needles |= {value.hex().encode(): "in hex" for value in secret if len(value) >= 12}
    assert sightings(everything_in(house), needles) == []
    assert house.entries(about=WHO) == []
    house.close()
    assert (
        search(house.teller.house.directory, {**needles, **NEEDLES}) == {}
        or not house.teller.house.filing.sqlite
    )
    assert pseudonym


def test_after_a_whole_erasure_the_pseudonym_leads_to_nobody(new_house):
    house = new_house()
    number = house.collect(about=WHO, category="account", when="registration", values=TOLD[0][2]).subject
    house.sweep()
    pseudonym = next(entry.subject for _, entry in house.entries(about=WHO))
    assert sightings(everything_in(house), {urlsplit(str(number)).path.encode(): "the number"})

    house.erase(about=WHO)
    house.sweep()

    with unit(house.teller.house.filing) as here:
        desk = Desk(house.teller.house, here)
        assert desk.pseudonym(number) is None
    again = house.collect(about=WHO, category="account", when="registration", values=TOLD[0][2]).subject
    named = {entry.subject for _, entry in house.entries(about=WHO)}
    assert again != number
    assert pseudonym not in named
    keys = b"".join(bytes(row.wrapped) for row in rows_of(house, schema.keys))
    assert urlsafe_b64decode(pseudonym + "==") not in keys


def test_erasing_what_the_law_lets_go_leaves_nothing_of_it_in_any_file(sqlite_house):
    house = sqlite_house()
    tell_all(house)
    sealed = {
        bytes(row.sealed): "sealed"
        for row in rows_of(house, schema.records)
        for origin in rows_of(house, schema.origins)
        if origin.origin == row.origin and origin.kept not in ("identity", "transactions", "payment")
    }
    wrapped = {
        bytes(row.wrapped): "wrapped" for row in rows_of(house, schema.keys)
        if row.kept in ("account", "usage", "support", "technical", "identity-pictures")
    }  # fmt: skip
    assert set(search(house.teller.house.directory, {**sealed, **wrapped})) != set()

    house.erase(about=WHO)
    house.sweep()

    assert search(house.teller.house.directory, {**sealed, **wrapped, **NEEDLES}) == {}


# ---- on the way


def test_nothing_told_is_logged_warned_of_or_printed(new_house, caplog, capfd):
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for name in ("sqlalchemy.engine", "sqlalchemy.pool", "psycopg", "troth", ""):
            caplog.set_level(logging.DEBUG, logger=name)
        house = new_house()
        tell_all(house)
        house.erase(about=WHO)
        house.close()

    said = caplog.text + "".join(str(each.message) for each in warned) + "".join(capfd.readouterr())
    assert sightings(said.encode()) == []


def test_no_error_says_holds_or_shows_anything_told(new_house):
    house = new_house()
    tell_all(house)

    errors = list(refusals(house))

    assert len({error.code for error in errors}) >= 2
    for error in errors:
        for shown in (str(error), repr(error), repr(error.args), repr(vars(error)), error.message, error.fix):
            assert sightings(shown.encode()) == [], shown
        assert sightings(pickle.dumps(error)) == []


def test_no_traceback_that_shows_local_values_shows_anything_told(new_house):
    house = new_house()
    tell_all(house)

    for error in refusals(house):
        assert_silent(error)


def test_no_traceback_of_a_store_that_fails_shows_anything_told(new_house):
    house = new_house()
    category, when, values, by = TOLD[0]
    with house.teller.house.filing.connect("store") as connection:
        connection.execute(text("ALTER TABLE records RENAME TO gone"))

    with pytest.raises(StoreUnavailable) as failed:
        house.collect(about=WHO, category=category, when=when, values=values, by=by)
    with house.teller.house.filing.connect("store") as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO records"))

    assert_silent(failed.value)


# A frame of the library's own door shows the reference it was called with, as the caller's frame does.
VALUES = {form: canary for form, canary in NEEDLES.items() if canary != WHO}


def assert_silent(error):
    """Fail when the frames of ours in an error's traceback, with all their locals, give anything away."""
    rendered = "".join(traceback.TracebackException.from_exception(ours(error), capture_locals=True).format())
    assert sightings(rendered.encode(), VALUES) == [], rendered
    shown = io.StringIO()
    error = ours(error)
    rich = Traceback.from_exception(
        type(error), error, error.__traceback__, show_locals=True, locals_max_length=None
    )
    Console(file=shown, width=300).print(rich)
    assert sightings(shown.getvalue().encode(), VALUES) == [], shown.getvalue()


def ours(error):
    """Drop the frames of the test itself, whose own locals hold what it told."""
    trace = error.__traceback__
    while trace is not None and "/tests/" in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    assert trace is not None
    return error.with_traceback(trace)


def test_no_object_that_a_caller_holds_shows_or_stores_anything_told(new_house):
    house = new_house()
    tell_all(house)
    offers = [
        offering(by=by or member(), about=0, category=category, when=when, values=values)
        for category, when, values, by in TOLD
    ]
    handed = [house.access(about=WHO, category=category) for category, *_ in TOLD]
    held = [one for each in handed for one in each.records]
    shut = [value for one in held for value in one.values.values()]
    held_by_callers = [
        house, house.teller, house.teller.house, house.teller.house.keyring, house.teller.house.signer,
        house.agreement, house.purpose("support.reply", by=AGENT), *offers, taking(offers),
        reading(by=AGENT, about=0, category="account", purpose="support.reply"),
        disclosing(by=PAYOUT, about=0, category="payment", to="x", purpose="service.payments"),
        *handed, *held, *shut, house.entries(about=WHO), house.checkpoint(), verify(house.teller),
    ]  # fmt: skip

    for each in held_by_callers:
        for shown in (repr(each), str(each), f"{each}", f"{[each]!r}"):
            assert sightings(shown.encode()) == [], type(each)
    for value in shut:
        assert sightings(f"{value!r:>40}{value:}{copy.deepcopy(value)!r}".encode()) == []
        for store in (pickle.dumps, json.dumps, bytes):
            with pytest.raises((TrothError, TypeError)) as refused:
                store(value)
            assert sightings(str(refused.value).encode()) == []
    with pytest.raises((TrothError, TypeError)):
        pickle.dumps(handed)


def test_what_is_revealed_is_what_was_told_so_that_silence_is_no_emptiness(new_house):
    house = new_house()
    tell_all(house)

    for category, _, values, _ in TOLD:
        told = {}
        for held in house.access(about=WHO, category=category).records:
            told |= {name: value.reveal() for name, value in held.values.items()}
        assert told.keys() == values.keys()
    with pytest.raises(Refused):
        house.erase(about=WHO, classes=["transactions"])
