"""A personal value shows its label and nothing else, however it is asked."""

import copy
import dataclasses
import gc
import inspect
import io
import json
import logging
import pickle
import pprint
import string
import sys
import traceback

import pytest
from rich.console import Console
from rich.pretty import pretty_repr

from troth.canonical import encode
from troth.errors import LeakRefused, NotCanonical
from troth.vault.keyring import new_pseudonym
from troth.vault.plaintext import Plaintext

SECRET = "+85291234567"
LABEL = "<plaintext account.phone>"


@pytest.fixture
def phone():
    return Plaintext(SECRET, "account.phone")


@dataclasses.dataclass(frozen=True)
class Member:
    phone: Plaintext[str]


@pytest.mark.parametrize("value", [SECRET, 7, None, True, b"bytes", ["a", 1], {"k": "v"}])
def test_reveal_gives_the_very_value(value):
    assert Plaintext(value, "account.any").reveal() is value


RENDERINGS = {
    "repr": repr,
    "str": str,
    "percent s": lambda p: "%s" % p,  # noqa: UP031
    "percent r": lambda p: "%r" % p,  # noqa: UP031
    "f-string": lambda p: f"{p}",
    "f-string of a width": lambda p: f"{p:>60}",
    "f-string with repr": lambda p: f"{p!r}",
    "format": lambda p: "{0} {0!s}".format(p),  # noqa: UP032
    "template": lambda p: string.Template("$p").substitute(p=p),
    "inside a list": lambda p: str([p, (p,), {"k": p}]),
    "pprint": lambda p: pprint.pformat({"k": [p]}),
    "rich": pretty_repr,
    "json with default str": lambda p: json.dumps({"k": p}, default=str),
    "json with default repr": lambda p: json.dumps([p], default=repr),
    "inside a data class": lambda p: repr(Member(p)),
    "as a dict of a data class": lambda p: str(dataclasses.asdict(Member(p))),
    "as a tuple of a data class": lambda p: str(dataclasses.astuple(Member(p))),
    "copy": lambda p: repr(copy.copy(p)),
    "deep copy": lambda p: repr(copy.deepcopy([p])),
    "an exception": lambda p: str(ValueError(p)),
}


@pytest.mark.parametrize("render", RENDERINGS.values(), ids=RENDERINGS)
def test_a_rendering_shows_the_label_alone(phone, render):
    shown = render(phone)
    assert SECRET not in shown
    assert LABEL in shown


TAKINGS = {
    "pickle": pickle.dumps,
    "pickle inside": lambda p: pickle.dumps([Member(p)]),
    "old pickle": lambda p: pickle.dumps(p, protocol=0),
    "state": lambda p: p.__getstate__(),
    "reduce": lambda p: p.__reduce_ex__(4),
    "bytes": bytes,
    "equal": lambda p: p == SECRET,
    "equal to its twin": lambda p: p == Plaintext(SECRET, "account.phone"),
    "not equal": lambda p: p != SECRET,
    "found in a list": lambda p: [SECRET, "x"].index(p),
}


@pytest.mark.parametrize("take", TAKINGS.values(), ids=TAKINGS)
def test_taking_it_apart_is_refused(phone, take):
    with pytest.raises(LeakRefused) as caught:
        take(phone)
    assert SECRET not in str(caught.value)


REFUSED_BY_PYTHON = {
    "json": json.dumps,
    "json with default vars": lambda p: json.dumps(p, default=vars),
    "json with default list": lambda p: json.dumps(p, default=list),
    "vars": vars,
    "dict": lambda p: p.__dict__,
    "iteration": list,
    "length": len,
    "member": lambda p: "+" in p,
    "index": lambda p: p[0],
    "join": lambda p: ", ".join([p]),
    "plus": lambda p: "tel " + p,
    "order": lambda p: p < "z",
    "sort": lambda p: sorted([p, Plaintext("a", "b")]),
    "number": int,
    "hexadecimal": hex,
    "bytearray": bytearray,
    "write": lambda p: io.StringIO().write(p),
    "an attribute of the value": lambda p: p.upper(),
    "a new attribute": lambda p: setattr(p, "note", 1),
}


@pytest.mark.parametrize("take", REFUSED_BY_PYTHON.values(), ids=REFUSED_BY_PYTHON)
def test_what_text_can_do_it_cannot(phone, take):
    with pytest.raises((TypeError, AttributeError, KeyError)) as caught:
        take(phone)
    assert SECRET not in str(caught.value)


def test_the_canonical_encoding_does_not_take_it(phone):
    with pytest.raises(NotCanonical) as caught:
        encode({"phone": phone})
    assert SECRET not in str(caught.value)


def test_walking_its_attributes_does_not_meet_the_value(phone):
    met = [repr(member) for _, member in inspect.getmembers(phone)]
    met += [repr(getattr(phone, name)) for name in Plaintext.__slots__]
    assert SECRET not in " ".join(met)
    assert SECRET not in [each for each in gc.get_referents(phone) if isinstance(each, str)]


def test_its_size_and_truth_do_not_depend_on_the_value():
    short, long = Plaintext("", "account.phone"), Plaintext("x" * 5_000, "account.phone")
    assert sys.getsizeof(short) == sys.getsizeof(long)
    assert bool(short) is bool(long) is True


def test_it_is_equal_to_itself_and_can_be_kept_in_a_set(phone):
    twin = Plaintext(SECRET, "account.phone")
    assert phone == phone
    assert len({phone, twin}) == 2
    assert hash(phone) != hash(SECRET)


def test_a_log_shows_the_label_alone(phone):
    logging.disable(logging.NOTSET)  # a server of another test may have silenced every library
    written = io.StringIO()
    log = logging.getLogger("of this test")
    log.propagate = False
    log.addHandler(logging.StreamHandler(written))
    log.error("calling %s, also %r", phone, {"phone": phone}, extra={"phone": phone})
    assert SECRET not in written.getvalue()
    assert LABEL in written.getvalue()


def test_a_traceback_with_local_variables_shows_the_label_alone(phone):
    def fails(member):
        return len(member.phone)

    try:
        fails(Member(phone))
    except TypeError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        console = Console(file=io.StringIO(), width=200)
        console.print_exception(show_locals=True)
        shown += console.file.getvalue()
    assert SECRET not in shown
    assert LABEL in shown


def test_keys_are_closed_in_the_same_way(root, keyring, ann):
    for closed in (root, keyring, ann, keyring.index_key("account", "phone", 1)):
        assert str(closed) == f"{closed}" == repr(closed) == f"<{type(closed).__name__.lower()}>"
        with pytest.raises(LeakRefused):
            pickle.dumps(closed)
        with pytest.raises(TypeError):
            vars(closed)
        assert copy.deepcopy(closed) is closed
    assert len(new_pseudonym()) == 16
