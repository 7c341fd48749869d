"""A passkey lets its own member in: here, now, once, and with their finger on it."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.credentials.authenticator import Authenticator, b64, unb64
from tests.web.credentials.conftest import NOW
from troth.canonical import decode, encode
from troth.clock import SECOND
from troth.errors import CredentialRefused, FlowOver, PasskeyCopied
from troth.web.credentials.flows import Flow, Spent
from troth.web.credentials.passkeys import (
    LONGEST,
    ClaimedPasskey,
    Passkey,
    Site,
    authentication_options,
    claimed_passkey,
    new_handle,
    registration_options,
    verify_authentication,
    verify_registration,
)

HOST = "portal.example.org"
ORIGIN = f"https://{HOST}"
SITE = Site(HOST, "Example Exchange Ltd", (ORIGIN,))
ANN = new_handle()
ANSWER_LIES = [
    {"origin": "https://portal.example.org.evil.test"},
    {"origin": "http://portal.example.org"},
    {"rp_id": "evil.test"},
    {"verified": False},
    {"present": False},
    {"framed": True},
    {"challenge": b64(b"another challenge of thirty-two.")},
]


def flow(number=1):
    return Flow(number.to_bytes(16, "big"), "passkey", NOW, NOW + 300 * SECOND, {})


def register(device, spent, *, number=1, at=NOW, **lies):
    ceremony = registration_options(SITE, handle=ANN, name="ann")
    answer = device.create(ceremony.options, **{"origin": ORIGIN, **lies})
    return verify_registration(
        answer, challenge=ceremony.challenge, site=SITE, flow=flow(number), spent=spent, at=at
    )


def sign_in(device, passkey, spent, *, number=2, handle=ANN, **lies):
    ceremony = authentication_options(SITE)
    answer = device.get(ceremony.options, **{"origin": ORIGIN, **lies})
    return judged(answer, passkey, spent, ceremony.challenge, number=number, handle=handle)


def judged(answer, passkey, spent, challenge, *, number=2, handle=ANN):
    return verify_authentication(
        answer,
        passkey,
        handle=handle,
        challenge=challenge,
        site=SITE,
        flow=flow(number),
        spent=spent,
        at=NOW,
    )


@pytest.fixture(params=["ES256", "EdDSA"])
def device(request):
    return Authenticator(request.param)


@pytest.fixture
def passkey(device, spent):
    return register(device, spent)


def test_a_browser_is_asked_for_a_verified_discoverable_key_and_nothing_about_the_device():
    held = Passkey(b"held" * 4, b"", 0, backed_up=False, transports=("usb",))
    options = registration_options(SITE, handle=ANN, name="ann", held=[held]).options
    assert options["rp"] == {"id": HOST, "name": "Example Exchange Ltd"}
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-8, -7, -257]
    assert options["excludeCredentials"] == [
        {"id": b64(b"held" * 4), "type": "public-key", "transports": ["usb"]}
    ]
    assert unb64(options["user"]["id"]) == ANN


def test_signing_in_names_no_passkey_and_nobody():
    ceremony = authentication_options(SITE)
    assert ceremony.options == {
        "challenge": ceremony.challenge,
        "timeout": 300_000,
        "rpId": HOST,
        "allowCredentials": [],
        "userVerification": "required",
    }
    assert len(unb64(ceremony.challenge)) == 32
    assert json.loads(json.dumps(dict(ceremony.options))) == ceremony.options


def test_a_passkey_is_made_and_signs_in_as_often_as_wanted(device, spent, passkey):
    assert passkey == Passkey(device.id, passkey.public_key, 1, backed_up=True, transports=("internal",))
    for number in range(2, 5):
        passkey = sign_in(device, passkey, spent, number=number)
        assert passkey.sign_count == number


def test_a_passkey_that_does_not_count_its_uses_signs_in_too(spent):
    device = Authenticator(counts=False)
    passkey = register(device, spent)
    assert sign_in(device, sign_in(device, passkey, spent), spent, number=3).sign_count == 0


def test_a_device_may_vouch_for_itself_which_tells_nothing(device, spent):
    assert register(device, spent, fmt="packed").id == device.id


def test_it_survives_its_record(passkey):
    kept = encode(passkey.plain())
    assert Passkey.read(decode(kept)) == passkey
    assert len(kept) < 400
    assert "public_key" not in repr(passkey)


@pytest.mark.parametrize("lies", [*ANSWER_LIES, {"type_": "webauthn.get"}])
def test_no_passkey_is_made_from_an_answer_that_lies(device, spent, lies):
    with pytest.raises(CredentialRefused):
        register(device, spent, **lies)


@pytest.mark.parametrize("lies", [*ANSWER_LIES, {"type_": "webauthn.create"}, {"tamper": True}])
def test_nobody_signs_in_with_an_answer_that_lies(device, spent, passkey, lies):
    with pytest.raises(CredentialRefused):
        sign_in(device, passkey, spent, **lies)


def test_a_challenge_counts_once(device, spent, passkey):
    ceremony = authentication_options(SITE)
    answer = device.get(ceremony.options, origin=ORIGIN)
    judged(answer, passkey, spent, ceremony.challenge)
    with pytest.raises(FlowOver) as refused:
        judged(answer, passkey, spent, ceremony.challenge)
    assert refused.value.reason == "used"
    with pytest.raises(CredentialRefused):  # nor does an old answer count for a new challenge
        judged(answer, passkey, spent, authentication_options(SITE).challenge, number=3)


def test_a_challenge_of_a_registration_counts_once(device, spent):
    register(device, spent)
    with pytest.raises(FlowOver):
        register(device, spent)
    with pytest.raises(FlowOver):
        register(device, spent, number=9, at=NOW + 300 * SECOND)


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_a_count_that_does_not_grow_is_a_copy(device, spent, passkey, count):
    with pytest.raises(PasskeyCopied):
        sign_in(device, replace(passkey, sign_count=5), spent, count=count)


def test_a_count_is_believed_only_of_an_answer_that_is_genuine(device, spent, passkey):
    with pytest.raises(CredentialRefused):
        sign_in(device, replace(passkey, sign_count=5), spent, count=1, tamper=True)


def test_one_passkey_does_not_answer_for_another_nor_for_another_member(device, spent, passkey):
    with pytest.raises(CredentialRefused):
        sign_in(device, replace(passkey, id=b"x" * 16), spent)
    with pytest.raises(CredentialRefused):
        sign_in(device, passkey, spent, number=3, handle=new_handle())
    stranger = Authenticator()
    stranger.id, stranger.handle = device.id, ANN
    with pytest.raises(CredentialRefused):
        sign_in(stranger, passkey, spent, number=4)


def test_which_passkey_an_answer_names_can_be_read_before_it_is_verified(device, passkey):
    answer = device.get(authentication_options(SITE).options, origin="https://evil.test")
    assert claimed_passkey(answer) == ClaimedPasskey(passkey.id, ANN)


@pytest.mark.parametrize(
    "change",
    [
        {"fmt": "fido-u2f"},
        {"fmt": "tpm"},
        {"fmt": "android-safetynet"},
        {"fmt": 7},
        {"cose": {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: b"\1" * 32}},
        {"cose": {1: 2, 3: -35, -1: 2, -2: bytes(48), -3: bytes(48)}},
        {"cose": {1: 1, 3: -8}},
        {"cose": {3: -7}},
    ],
    ids=str,
)
def test_a_key_that_tells_its_maker_or_could_never_sign_in_is_not_taken(spent, change):
    with pytest.raises(CredentialRefused):
        register(Authenticator(), spent, **change)


MALFORMED = st.one_of(
    st.text(max_size=60),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=8), each, max_size=3),
        max_leaves=8,
    ).map(json.dumps),
    st.sampled_from(["[" * 5_000, "A" * (LONGEST + 1), '{"id": 1e999}', '"\\ud800"']),
)


@given(answer=MALFORMED)
def test_what_is_no_answer_is_refused(answer):
    for verify in (
        lambda: claimed_passkey(answer),
        lambda: judged(answer, Passkey(b"", b"", 0, backed_up=False), Spent(since=NOW), "AAAA"),
        lambda: verify_registration(
            answer, challenge="AAAA", site=SITE, flow=flow(), spent=Spent(since=NOW), at=NOW
        ),
    ):
        with pytest.raises(CredentialRefused):
            verify()


@settings(max_examples=300)
@given(
    making=st.booleans(),
    place=st.integers(0),
    change=st.integers(1, 255),
    part=st.sampled_from(
        ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]
    ),
)
def test_an_answer_altered_anywhere_is_refused_or_says_the_same(making, place, change, part):
    device, spent = Authenticator("EdDSA"), Spent(since=NOW)
    passkey = register(device, spent)
    made = registration_options(SITE, handle=ANN, name="ann")
    asked = made if making else authentication_options(SITE)
    answer = json.loads((device.create if making else device.get)(asked.options, origin=ORIGIN))
    part = part if part in answer["response"] else "clientDataJSON"
    raw = bytearray(unb64(answer["response"][part]))
    raw[place % len(raw)] ^= change
    answer["response"][part] = b64(bytes(raw))
    try:
        if making:
            found = verify_registration(
                json.dumps(answer), challenge=asked.challenge, site=SITE, flow=flow(3), spent=spent, at=NOW
            )
            assert (
                found.id == passkey.id
            )  # nothing signs a registration: another key of its own may stand there
        else:
            judged(json.dumps(answer), passkey, spent, asked.challenge, number=3)
            raise AssertionError("an altered answer signed somebody in")
    except CredentialRefused:
        pass
