"""The library's door: whatever is given to it, only errors of Troth come out, and none shows a value."""

import asyncio
import inspect
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import troth
from tests.cast import ACCOUNT, AGENT, MIA, OFFICER, PORTAL, joins, tells
from tests.inside import ledger_of
from troth.acts.collect import offering
from troth.acts.disclose import approve
from troth.clock import DAY
from troth.errors import BadArgument, HouseClosed, TrothError
from troth.library import Context, Troth, in_thread
from troth.rules.decision import Actor, ActorKind, member, program, staff

# ---- junk


class Odd:
    """An object that nobody expects."""


ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.binary(max_size=20), st.builds(Odd),
        st.text(st.characters(exclude_categories=()), max_size=20),
        st.sampled_from([1 << 63, -(1 << 80), "\ud800", "\x00", "", " ", "x" * 100_000, b"", ..., int, len]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.lists(inner, max_size=2).map(tuple),
        st.dictionaries(st.one_of(st.text(max_size=5), st.integers()), inner, max_size=3),
    ),
    max_leaves=4,
)  # fmt: skip
FITTING: dict[str, list[Any]] = {
    "about": [MIA, "M-9"],
    "category": ["account", "usage", "*"],
    "when": ["registration", "camera"],
    "values": [{"email": "mia@example.org"}, {"phone": 5}, {"email": ["x"]}, {"username": "\ud800"}],
    "by": [AGENT, OFFICER, PORTAL, member(), Actor(ActorKind.TIME)],
    "fields": [["email"], ("phone",), {"email"}, "email", {"email": 1}, [["email"]]],
    "field": ["account.email", "email", ".", "account."],
    "classes": [["account"], "account", ["account", 5]],
    "purpose": ["support.reply", "contact.promotion"],
    "name": ["support.reply", "contact.promotion"],
    "case": ["C-1", "a case"],
    "matter": ["C-1"],
    "reason": ["litigation", "as asked"],
    "to": ["processors.payments.payments-processor"],
    "recipient": ["processors.payments.payments-processor"],
    "kind": ["contract", "a kind"],
    "reference": ["file/1"],
    "offers": [[], [None], "offers"],
    "until": [1 << 62],
    "record": [bytes(16)],
}
METHODS = [
    pytest.param(kind, name, id=f"{kind.__name__}.{name}")
    for kind in (Troth, Context)
    for name, method in vars(kind).items()
    if inspect.isfunction(method) and not name.startswith("_") and name != "close"
]


def parameters_of(method: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(method).parameters.values())[1:]


@pytest.fixture
def mia(sqlite_house):
    """A house in which Mia has an account and a payment."""
    house = sqlite_house()
    joins(house)
    tells(house, MIA, "payment")
    return house


def call(method: Callable[..., Any], given_: list[Any], named: dict[str, Any]) -> Any:
    if inspect.iscoroutinefunction(method):
        return asyncio.run(method(*given_, **named))
    return method(*given_, **named)


@pytest.mark.parametrize(("kind", "name"), METHODS)
@given(data=st.data())
def test_whatever_is_given_only_errors_of_troth_come_out(mia, kind, name, data):
    on = mia.purpose("support.reply", by=AGENT, case="C-1") if kind is Context else mia
    method = getattr(on, name)
    placed, named = [], {}
    for each in parameters_of(vars(kind)[name]):
        if each.default is not each.empty and data.draw(st.booleans(), label=f"leave out {each.name}"):
            continue
        fitting = FITTING.get(each.name, [])
        value = data.draw(st.one_of(st.sampled_from(fitting), ANYTHING) if fitting else ANYTHING, each.name)
        if each.kind is each.KEYWORD_ONLY:
            named[each.name] = value
        else:
            placed.append(value)
    size, told = len(ledger_of(mia)), "answered"

    try:
        call(method, placed, named)
    except BadArgument:
        assert len(ledger_of(mia)) == size
    except TrothError as problem:
        told = str(problem)
    assert told


@pytest.mark.parametrize(("kind", "name"), METHODS)
def test_a_keyword_that_is_missing_is_a_plain_type_error(mia, kind, name):
    needed = [each for each in parameters_of(vars(kind)[name]) if each.default is each.empty]
    if needed:
        on = mia.purpose("support.reply", by=AGENT) if kind is Context else mia
        with pytest.raises(TypeError, match=needed[0].name):
            call(getattr(on, name), [], {})


@pytest.mark.parametrize("about", [None, True, [], b"M-1001", 1.5, {}])
def test_somebody_who_is_neither_a_reference_nor_a_number_is_refused_unheard(mia, about):
    size = len(ledger_of(mia))
    for ask in (
        lambda: mia.access(about=about, category="account"),
        lambda: mia.erase(about=about),
        lambda: mia.entries(about=about),
        lambda: mia.leave(about=about),
    ):
        with pytest.raises(BadArgument) as caught:
            ask()
        assert caught.value.name == "about"
    assert len(ledger_of(mia)) == size


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (staff, (None, None)), (staff, ("", "reviewer")), (staff, ("anna", None)), (staff, ("anna", [])),
        (program, (None,)), (program, ("",)), (member, (5,)), (Actor, ("staff", "anna")),
    ],
)  # fmt: skip
def test_an_actor_who_is_not_said_is_none(make, said):
    with pytest.raises(BadArgument):
        make(*said)


def test_nobody_asks_as_nobody(mia):
    for by in (0, "", (), "portal"):
        with pytest.raises(BadArgument):
            mia.access(about=MIA, category="account", by=by)
    with pytest.raises(BadArgument):
        mia.purpose("support.reply", by=None)


@pytest.mark.parametrize(
    "odd",
    [
        {"directory": 5}, {"directory": "a\x00b"}, {"directory": "\ud800"}, {"agreement": b"x"},
        {"agreement": "\ud800"}, {"passphrase": 5}, {"passphrase": "\ud800" * 20}, {"store": None},
        {"store": "\ud800"}, {"keystore": "\ud800"},
    ],
)  # fmt: skip
def test_a_house_is_founded_and_opened_with_text_only(tmp_path, odd):
    named = {"directory": tmp_path / "house", "agreement": "", **odd}
    with pytest.raises(BadArgument):
        troth.init(**named)
    if odd.keys() <= {"directory", "passphrase"}:
        named.pop("agreement")
        with pytest.raises(BadArgument):
            troth.open(**named)


# ---- tracebacks that show locals

SECRETS = ("moon-secret", "M-secret")
HIDDEN = {**ACCOUNT, "email": "moon-secret", "phone": "moon-secret", "moon": "moon-secret"}


def offer(about: str = "M-secret") -> Any:
    return offering(by=member(), about=about, category="account", when="registration", values=HIDDEN)


RAISING: dict[str, Callable[[Troth], Any]] = {
    "collect": lambda house: house.collect(
        about="M-secret", category="account", when="registration", values=HIDDEN
    ),
    "collect with a wrong word": lambda house: house.collect(
        about="M-secret", category=5, when="registration", values=HIDDEN
    ),
    "collect_soon": lambda house: asyncio.run(
        house.collect_soon(about="M-secret", category="account", when="registration", values=HIDDEN)
    ),
    "collect_soon with a wrong word": lambda house: asyncio.run(
        house.collect_soon(about="M-secret", category="account", when=5, values=HIDDEN)
    ),
    "collect_many": lambda house: house.collect_many([offer(), "moon-secret"]),
    "offering": lambda _: offering(
        by=member(), about="M-secret", category=5, when="registration", values={"email": "moon-secret"}
    ),
    "correct": lambda house: house.correct(about="M-secret", category="account", values=HIDDEN),
    "correct of a wrong record": lambda house: house.correct(
        about="M-secret", category="account", values=HIDDEN, record="moon-secret"
    ),
    "consent": lambda house: house.consent(about="M-secret", purpose="contact.promotion"),
    "erase": lambda house: house.erase(about="M-secret"),
    "access": lambda house: house.access(about="M-secret", category="account"),
    "read": lambda house: house.purpose("support.reply", by=AGENT).read(about="M-secret", category="account"),
    "read_soon": lambda house: asyncio.run(
        house.purpose("support.reply", by=AGENT).read_soon(about="M-secret", category="account")
    ),
    "one": lambda house: house.purpose("support.reply", by=AGENT).one(
        about="M-secret", field="account.email"
    ),
}


def shown_by(problem: BaseException) -> str:
    """Return what a traceback with locals shows of the frames of Troth, and of those below them."""
    told = traceback.TracebackException.from_exception(problem, capture_locals=True)
    frames = [frame for frame in told.stack if frame.filename != __file__]
    return str(problem) + "".join(f"{frame.name} {frame.locals}" for frame in frames)


@pytest.mark.parametrize("act", RAISING)
def test_a_traceback_that_shows_locals_shows_neither_a_value_nor_who_it_is_about(mia, act):
    with pytest.raises(TrothError) as caught:
        RAISING[act](mia)

    text = shown_by(caught.value)
    for secret in SECRETS:
        assert secret not in text
    assert caught.value.__context__ is caught.value.__cause__ is None


def test_nor_does_one_of_an_error_that_nobody_expected(mia):
    class Hostile(dict):
        def items(self):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        mia.collect(about="M-secret", category="account", when="registration", values=Hostile(HIDDEN))

    assert "moon-secret" not in shown_by(caught.value)
    assert any("given.py" in note for note in caught.value.__notes__)


def test_errors_of_a_stream_carry_no_frames_at_all(mia):
    _, refused = mia.collect_many([offer("M-8"), offer("M-9")], together=False)

    assert refused.__traceback__ is None


# ---- closing


def test_a_closed_house_says_so_and_closes_again_in_peace(mia):
    mia.close()
    mia.close()

    with pytest.raises(HouseClosed):
        mia.access(about=MIA, category="account")


def test_what_was_done_since_the_last_checkpoint_is_signed_when_the_house_closes(mia, sqlite_house):
    directory = mia.teller.house.directory
    size = len(ledger_of(mia))
    mia.close()
    (entries,) = [int(line) for line in (directory / "checkpoint").read_text("utf-8").split("\n")[1:2]]

    assert entries == size
    reopened = sqlite_house.open(directory, mia.teller.house.clock)
    signed = (directory / "checkpoint").read_bytes()
    reopened.close()
    assert (directory / "checkpoint").read_bytes() == signed


def test_a_house_closes_even_when_it_can_sign_nothing(mia):
    mia.teller.house.clock.forward(-DAY)  # the clock was set back: nothing is decided, nothing is signed
    mia.close()

    with pytest.raises(HouseClosed):
        mia.sweep()


def test_a_word_that_is_no_text_makes_an_error_that_can_be_written(house):
    joins(house)
    with pytest.raises(TrothError) as caught:
        house.collect(about=MIA, category="account", when="registration", values={"\ud800": 1})
    assert "\\ud800" in str(caught.value)
    assert str(caught.value).encode()


def test_an_act_in_a_thread_raises_without_what_it_was_given(house):
    joins(house)

    async def erasing():
        await in_thread(house.erase, about=f"M-{6 * 7}-nobody")

    with pytest.raises(TrothError) as caught:
        asyncio.run(erasing())
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "erasing" in shown
    assert "M-42" not in shown


@pytest.mark.parametrize("job", ["x", None, object()])
def test_what_is_no_disclosure_is_not_approved(house, job):
    with pytest.raises(BadArgument):
        approve(house.teller, by=AGENT, job=job)
