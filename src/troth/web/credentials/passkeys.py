"""Passkeys (WebAuthn Level 3): what a browser is asked for, and whether its answer counts.

Rules kept here: the member is verified by the device (PIN, fingerprint) every time; the key is
discoverable, so that signing in names nobody and `allowCredentials` stays empty; no attestation is
asked for, since which device a person owns is not our business; origin and site must be ours, and no
frame of another's; a challenge belongs to one flow and counts once; a key that counts its uses never
counts backwards (7.2, step 22). A public key is no secret, and a database of them lets nobody in.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from troth.canonical import Plain
from troth.clock import Instant
from troth.errors import CredentialRefused, PasskeyCopied
from troth.web.credentials.flows import Flow, Spent

if TYPE_CHECKING:
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

CHALLENGE = 32
HANDLE = 32
LONGEST = 16_384  # characters of an answer
WAIT = 300_000  # milliseconds a browser gives its reader
TRANSPORTS = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})
_FORMATS = {"none", "packed"}  # `packed` without a certificate is what some keys send for none


@dataclass(frozen=True, slots=True)
class Site:
    """The site as browsers know it: host name (the relying party's id), name in words, origins."""

    host: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What to hand to the browser (JSON values), and the challenge for the state of its flow."""

    options: Mapping[str, Any]
    challenge: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey of a member: id, public key (COSE), uses counted so far, whether it is backed up."""

    id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    backed_up: bool
    transports: tuple[str, ...] = ()

    def plain(self) -> dict[str, Plain]:
        """Return the passkey as values for a credential record."""
        return {
            "id": _text(self.id),
            "key": _text(self.public_key),
            "count": self.sign_count,
            "backed_up": self.backed_up,
            "transports": self.transports,
        }

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Return the passkey that `plain` gave."""
        return cls(
            id=_raw(plain["id"]),
            public_key=_raw(plain["key"]),
            sign_count=plain["count"],
            backed_up=plain["backed_up"],
            transports=tuple(plain["transports"]),
        )


class ClaimedPasskey(NamedTuple):
    """Which passkey and whose an answer says it is, before anything of it is verified."""

    id: bytes
    handle: bytes | None


def new_handle() -> bytes:
    """Return 32 random bytes by which authenticators know a member (5.4.3): they tell nothing."""
    return secrets.token_bytes(HANDLE)


def registration_options(site: Site, *, handle: bytes, name: str, held: Iterable[Passkey] = ()) -> Ceremony:
    """Return what to ask a browser for when a member adds a passkey.

    `name` is what the device shows the member; `held` are their passkeys, so none is made twice.
    """
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict, structs

    challenge = secrets.token_bytes(CHALLENGE)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=handle,
        user_name=name,
        challenge=challenge,
        timeout=WAIT,
        attestation=structs.AttestationConveyancePreference.NONE,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(
                id=each.id, transports=[structs.AuthenticatorTransport(one) for one in each.transports]
            )
            for each in held
        ],
        supported_pub_key_algs=_algorithms(),
    )
    return Ceremony(options_to_json_dict(options), _text(challenge))


def authentication_options(site: Site) -> Ceremony:
    """Return what to ask a browser for when somebody signs in: any passkey of this site."""
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict, structs

    challenge = secrets.token_bytes(CHALLENGE)
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=WAIT,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return Ceremony(options_to_json_dict(options), _text(challenge))


def verify_registration(
    answer: str, *, challenge: str, site: Site, flow: Flow, spent: Spent, at: Instant
) -> Passkey:
    """Return the new passkey of a browser's answer (JSON text), and use the flow.

    Raises `FlowOver` when the flow was used, and `CredentialRefused` for all that is wrong in it.
    """
    spent.use(flow, at=at)
    with _Refusing():
        from webauthn import verify_registration_response
        from webauthn.helpers import (
            decode_credential_public_key,
            decoded_public_key_to_cryptography,
            parse_attestation_object,
            parse_registration_credential_json,
        )

        parsed = parse_registration_credential_json(_short(answer))
        _not_framed(parsed.response.client_data_json)
        if parse_attestation_object(parsed.response.attestation_object).fmt not in _FORMATS:
            raise CredentialRefused
        verified = verify_registration_response(
            credential=parsed,
            expected_challenge=_raw(challenge),
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            require_user_verification=True,
            supported_pub_key_algs=_algorithms(),
        )
        if verified.credential_id != parsed.raw_id:
            raise CredentialRefused
        decoded_public_key_to_cryptography(decode_credential_public_key(verified.credential_public_key))
        said = {each.value for each in parsed.response.transports or ()}
        return Passkey(
            id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            backed_up=verified.credential_backed_up,
            transports=tuple(sorted(said & TRANSPORTS)),
        )


def claimed_passkey(answer: str) -> ClaimedPasskey:
    """Return which passkey an answer names, so that it can be looked up; raises `CredentialRefused`."""
    with _Refusing():
        from webauthn.helpers import parse_authentication_credential_json

        parsed = parse_authentication_credential_json(_short(answer))
        return ClaimedPasskey(parsed.raw_id, parsed.response.user_handle)


def verify_authentication(
    answer: str,
    passkey: Passkey,
    *,
    handle: bytes,
    challenge: str,
    site: Site,
    flow: Flow,
    spent: Spent,
    at: Instant,
) -> Passkey:
    """Return the passkey as it is to be kept after this use, and use the flow.

    `handle` is that of the member who holds `passkey`. Raises `FlowOver` when the flow was used,
    `CredentialRefused` for all that is wrong, and `PasskeyCopied` when all is right but the count.
    """
    spent.use(flow, at=at)
    with _Refusing():
        from webauthn import verify_authentication_response
        from webauthn.helpers import parse_authentication_credential_json

        parsed = parse_authentication_credential_json(_short(answer))
        _not_framed(parsed.response.client_data_json)
        if parsed.raw_id != passkey.id or parsed.response.user_handle not in {None, handle}:
            raise CredentialRefused
        verified = verify_authentication_response(
            credential=parsed,
            expected_challenge=_raw(challenge),
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # judged below, where it has an error of its own
            require_user_verification=True,
        )
    if (verified.new_sign_count or passkey.sign_count) and verified.new_sign_count <= passkey.sign_count:
        raise PasskeyCopied
    return replace(passkey, sign_count=verified.new_sign_count, backed_up=verified.credential_backed_up)


class _Refusing:
    """Within it, whatever a hostile answer makes the parsers raise is one refusal, without its text."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        from cryptography.exceptions import UnsupportedAlgorithm
        from webauthn.helpers.exceptions import WebAuthnException

        malformed = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
        if isinstance(error, (WebAuthnException, UnsupportedAlgorithm, *malformed)):
            raise CredentialRefused from None


def _algorithms() -> "list[COSEAlgorithmIdentifier]":
    """EdDSA, ES256 and RS256: what authenticators have (the last for Windows Hello)."""
    from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm

    return [Algorithm.EDDSA, Algorithm.ECDSA_SHA_256, Algorithm.RSASSA_PKCS1_v1_5_SHA_256]


def _not_framed(client: bytes) -> None:
    """Refuse an answer that was given inside a frame of another origin (5.8.1, `crossOrigin`)."""
    from webauthn.helpers import parse_client_data_json

    if parse_client_data_json(client).cross_origin:
        raise CredentialRefused


def _short(answer: str) -> str:
    if len(answer) > LONGEST:
        raise CredentialRefused
    return answer


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
