"""The grammar of the agreement language as one table: kind of rule, its keys, the shape of each.

The parser reads rules by this table and the JSON Schema for editors is generated from it, so the two
cannot differ. Keys are in lower case; a hyphen may stand for an underscore in keys and closed words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from troth.terms.kinds import KINDS
from troth.terms.shapes import (
    Choice,
    Closed,
    Either,
    Flag,
    Key,
    Many,
    Moment,
    Named,
    Pattern,
    Shape,
    Span,
    Table,
    Text,
    Whole,
    Word,
)
from troth.terms.vocabulary import LONGEST_PAIR, Basis, Relationship, RightName

CHANNELS = ("email", "sms", "phone", "push", "inbox", "post")
INSTRUMENTS = ("contract", "confidentiality", "safeguard", "legal_basis")
SAFEGUARDS = ("adequacy", "scc", "bcr", "certification", "code_of_conduct", "consent", "derogation", "law")
ASSURANCES = ("signed_in", "step_up", "verified")
CASES = ("verification", "conversation")
MEANINGS = ("loosens", "tightens", "editorial")
METHODS = ("passkey", "code", "password")
PRACTICES = ("sell", "rent", "collect", "use", "disclose", "transfer")
SPECIAL = (  # GDPR Art. 9(2) a to j
    "explicit_consent", "employment", "vital_interests", "not_for_profit", "made_public", "legal_claims",
    "substantial_public_interest", "health_care", "public_health", "archiving",
)  # fmt: skip

WHO = Either(
    Choice(("subject",)),
    map=Closed(
        (
            Key("roles", Many(Word()), "staff roles that may ask"),
            Key("programs", Many(Word()), "programs that may ask, by name"),
            Key("subject", Flag(), "whether the person themself may"),
        )
    ),
)

FIELD = Closed(
    (
        Key("type", Choice(tuple(KINDS)), "what values look like", required=True),
        Key(
            "find",
            Choice(("unique", "exact")),
            "find a record by the exact value; `unique`: one holder at a time",
        ),
        Key("required", Flag(), "nothing is taken without it"),
        Key("special", Flag(), "a special category (GDPR Art. 9)"),
        Key(
            "countries",
            Many(Pattern(r"[A-Z]{2}", "a country code such as `SG`")),
            "countries whose formats are accepted",
        ),
        Key("choices", Many(Text(100)), "the only values accepted"),
        Key("limit", Whole(1, 2**31), "longest value: characters, or bytes of a picture or file"),
        Key("words", Text(200), "the field in plain words"),
    ),
    short="type",
)

PARTY = Closed(
    (
        Key("place", Word("place"), "where it is", required=True),
        Key("relationship", Choice(tuple(Relationship)), "what it is to the organisation", required=True),
        Key("words", Text(300), "the recipient in plain words"),
    )
)

_TARGETS = Many(Word("target", LONGEST_PAIR))
_REACH = (
    Key("of", _TARGETS, "the data it reaches; everything when absent"),
    Key("for", Many(Word("purpose")), "the purposes it reaches"),
    Key("to", Many(Word("recipient", LONGEST_PAIR)), "the recipients it reaches"),
    Key("in", Many(Word("place")), "the places it reaches"),
    Key("except", Many(Named("scope")), "what it leaves open; exceptions nest"),
)

NAMED: Mapping[str, Shape] = {"scope": Closed(_REACH)}

DECIMAL = Pattern(r"[0-9]+(\.[0-9]+)?(e-?[0-9]+)?", "a decimal such as `0.5` or `1e-9`")
LANGUAGE = Pattern(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language tag such as `en`")
RATE = Pattern(r"[0-9]+/(second|minute|hour|day)", "a rate such as `10/minute`")

MEASURES = Closed(
    (
        Key("encryption", Choice(("per_subject_key",)), "a key per person and retention class"),
        Key("transit", Choice(("tls",)), "how data travels"),
        Key("training", Span(), "how long a training counts"),
        Key("confidentiality", Pattern(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", "a version such as `2026-1`"),
            "version of the confidentiality agreement that staff must have signed"),
        Key("mfa", Choice(("staff", "members", "everyone")), "who signs in with a second factor"),
        Key("password_length", Whole(8, 128), "shortest password, in characters"),
        Key("password_blocklist", Flag(), "known leaked and common passwords are refused"),
        Key("passkeys", Choice(("offered", "required")), "passkeys for members and staff"),
        Key("reminders", Many(Word()), "what members are reminded of, where it matters"),
        Key("masking", Flag(), "staff see masked values until they reveal one"),
        Key("reveal_quota", Whole(1, 100_000), "most values a member of staff may reveal a day"),
        Key("rate_limit", RATE, "most attempts from one place"),
        Key("lockout", RATE, "failed sign-ins after which an account pauses"),
        Key("uploads", Many(Choice(("type", "size", "metadata"))), "what is checked of every upload"),
        Key("codes", Many(Choice(("phone", "email"))), "what counts only once a code sent to it came back"),
        Key("same_answer", Flag(), "known and unknown identifiers are answered alike"),
        Key("timeline", Flag(), "members see every use, disclosure, transfer and refusal"),
        Key("restore", Choice(("replays_erasures",)), "what a restored copy does before it opens"),
        Key("receipts", Flag(), "an erasure gives a receipt"),
        Key("plan", Flag(), "the effect of a change is computed before it is applied"),
        Key("recipients_told", Many(Choice(("correct", "erase"))), "told to recipients (GDPR Art. 19)"),
        Key("filed_by_staff", Choice(ASSURANCES), "how sure it must be who asks; staff then file alone"),
        Key("requests_kept", Span(), "how long it stays known that somebody demanded a right"),
        Key("gone_within", Span(), "longest time from unreadable to physically gone"),
        Key("breach_notice", Span(), "longest time from awareness to notice"),
        Key("incident", Many(Word()), "what the incident procedure does"),
        Key("violation", Choice(("case",)), "a breach of duty by staff opens a case"),
        Key("checkpoint", Span(), "longest time between published checkpoints of the ledger"),
        Key("epsilon", DECIMAL, "privacy loss allowed a period, for aggregates"),
        Key("delta", DECIMAL, "chance of more than that"),
        Key("threshold", Whole(1, 1_000_000), "smallest group that an aggregate shows"),
        Key("unit", Choice(("member",)), "whom the privacy loss protects"),
        Key("period", Span(), "the period of the privacy loss"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleKind:
    """One kind of rule: its head key with the head's shape, and the keys that may follow."""

    head: str
    shape: Shape
    words: str
    keys: tuple[Key, ...]

    def key(self, name: str) -> Key | None:
        """Return the key of that name, or None."""
        return next((key for key in self.keys if key.name == name), None)


_WHEN = "in which circumstances; `arrival` is what a person brings along from another provider"
_BY = Key("by", WHO, "who may ask")
_BASIS = Key("basis", Choice(tuple(Basis)), "why it is lawful (GDPR Art. 6)", required=True, lint="L4")

_KINDS = (
    RuleKind("collect", Word("category"), "fields of a category that may be taken in", (
        Key("when", Many(Word("circumstance")), _WHEN, required=True),
        Key("fields", Table(Word("field"), FIELD), "the fields, each with its type", required=True),
        _BASIS,
        Key("for", Many(Word("purpose")), "the purposes it is taken for", required=True, lint="L4"),
        Key("keep", Word("retention"), "its retention class", required=True, lint="L4"),
        Key("need", Either(Choice(("any", "all")), Many(Word("own_field"))), "which fields must be given"),
        Key("by", WHO, "who may hand it in; the person themself when absent"),
        Key("consent", Word("purpose"), "the purpose whose consent must stand first"),
        Key("source", Choice(("subject", "observed", "third_party")), "where it comes from"),
        Key("opens", Flag(), "a person unknown so far may begin here"),
        Key("records", Choice(("many", "one")), "`one`: corrected rather than repeated"),
        Key("stream", Flag(), "taken in batches"),
        Key("minimum_age", Whole(1, 120), "youngest person it is taken from, in years"),
        Key("special_condition", Choice(SPECIAL), "why a special category may be taken (GDPR Art. 9(2))"),
        Key("notice", Text(), "the just-in-time notice; generated when absent"),
    )),
    RuleKind("use", Word("purpose"), "a purpose and what may be read for it", (
        Key("of", _TARGETS, "the data it may read", required=True, lint="L5"),
        Key("by", WHO, "who may ask", required=True),
        _BASIS,
        Key("consent", Flag(), "only while consent to this purpose stands"),
        Key("objection", Flag(), "ends when the person objects"),
        Key("leaves", Choice(("rows", "aggregates")), "`aggregates`: no row ever leaves"),
        Key("mask", _TARGETS, "data shown masked"),
        Key("needs", Many(Choice(("case", "reason"))), "what a request must carry"),
        Key("channels", Many(Choice(CHANNELS)), "ways of reaching the member"),
    )),
    RuleKind("disclose", Word("recipient"), "a class of recipients and what each may get", (
        Key("recipients", Table(Word("party"), PARTY), "the recipients by name", required=True, lint="L7"),
        Key("of", Either(_TARGETS, _TARGETS, Table(Word("own_party"), _TARGETS)), "the data, for all or each",
            required=True, lint="L5"),
        Key("for", Many(Word("purpose")), "the purposes it is given for", required=True),
        Key("by", WHO, "who may hand it out", required=True),
        _BASIS,
        Key("needs", Many(Choice((*INSTRUMENTS, "reason", "case"))), "what must be on record"),
        Key("approvals", Closed((
            Key("count", Whole(1, 9), "how many people", required=True),
            Key("roles", Many(Word()), "of which roles", required=True),
        )), "who must approve first"),
        Key("tell", Choice(("record", "on_change", "before", "at_once", "after", "unless_forbidden")),
            "when the member is told"),
        Key("review", Flag(), "reviewed afterwards"),
        Key("within", Span(), "how long an opening lasts"),
    )),
    RuleKind("never", Many(Choice(PRACTICES)), "what may not happen at all", _REACH),
    RuleKind("keep", Word("retention"), "how long a retention class lives", (
        Key("of", Many(Word("category")), "its categories", required=True),
        Key("for", Span(), "the period, from collection or from the event", required=True, lint="L6"),
        Key("from", Word(), "the event from which the period runs"),
        Key("at_most", Span(), "the longest time from collection, whatever the event does"),
        Key("then", Choice(("erase", "anonymise")), "what happens at the end"),
        Key("longer", Many(Closed((
            Key("why", Word("purpose"), "the purpose it is kept for, and no other", required=True),
            Key("of", _TARGETS, "the data", required=True),
            Key("for", Span(), "the period from collection", required=True, lint="L6"),
        ))), "data kept longer, each with its purpose"),
        Key("duty", Text(), "the legal duty that keeps it against a wish to erase"),
        Key("holds", Many(Word()), "reasons for which a matter may hold it"),
        Key("held_by", WHO, "who may place and end such a hold"),
        Key("shorter", Flag(), "the member may choose a shorter time"),
        Key("gone_within", Span(), "longest time from unreadable to physically gone"),
    )),
    RuleKind("store", Many(Word("place")), "where data may stand", (
        Key("home", Flag(), "each person's data stays in their home place"),
        Key("residency", Table(Word("category"), Many(Word("place"))), "categories that stay in some places"),
    )),
    RuleKind("transfer", Closed((
        Key("from", Word("place"), "the place it leaves", required=True),
        Key("to", Word("place"), "the place it goes to", required=True),
    )), "from which place to which", (
        Key("safeguard", Choice(SAFEGUARDS), "what makes it lawful (GDPR Art. 44 to 49)", required=True),
        Key("of", _TARGETS, "the data; everything when absent"),
    )),
    RuleKind("protect", MEASURES, "measures of protection", ()),
    RuleKind("change", Closed((
        Key("notice", Many(Choice(CHANNELS)), "how members are told", required=True),
        Key("ahead", Span(), "how long before it takes effect", required=True),
    )), "how the agreement itself changes", (
        Key("material", Many(Choice(MEANINGS)), "what counts as an important change", required=True),
        Key("fresh_consent", Many(Choice(MEANINGS)), "changes that need consent anew"),
        Key("continued_use_accepts", Many(Choice(MEANINGS)), "changes that continued use accepts"),
    )),
    RuleKind("right", Choice(tuple(RightName)), "what the member may do", (
        Key("of", _TARGETS, "over which data; everything when absent"),
        Key("how", Choice(("self", "review")), "by the member alone, or with a review"),
        Key("by", WHO, "who may ask; the person themself when absent"),
        Key("assurance", Choice(ASSURANCES), "how sure we must be who asks"),
        Key("deadline", Span(), "longest time to an answer; the law's when absent"),
        Key("for", Many(Word("purpose")), "the purposes it reaches"),
    )),
    RuleKind("sign_in", Word("program"), "how members sign in, and where what that needs is kept", (
        Key("identifiers", Word("category"), "the category whose unique fields name a member", required=True),
        Key("credentials", Word("category"), "the category of passwords and passkeys; its fields are `kind`,"
            " `key`, `label` and `secret`", required=True),
        Key("sessions", Word("category"), "the category of sign-in sessions; its fields are `key`, `started`,"
            " `method`, `browser` and `address`", required=True),
        Key("messages", Word("category"), "the category of the inbox; its fields are `subject` and `text`"),
        Key("activity", Word("category"), "the category of sign-ins; its fields are `time`, `action` (its"
            " choices `sign_in`, `sign_out` and `settings` among others) and `succeeded`"),
        Key("usage", Word("category"), "the category of pages that members open; its fields are `time` and"
            " `page`, and if wanted `browser`, `language` and `came_from`"),
        Key("for", Word("purpose"), "the purpose for which the program finds and reads them", required=True),
        Key("methods", Many(Choice(METHODS)), "how members may sign in", required=True),
    )),
    RuleKind("contact", Table(Word(), Text(300)), "where to turn", (
        Key("languages", Many(LANGUAGE), "languages answered"),
        Key("authority", Text(500), "the supervisory authority"),
    )),
    RuleKind("case", Word(), "a matter that has states and an end", (
        Key("kind", Choice(CASES), "which states it has", required=True),
        Key("of", Many(Word("category")), "the categories whose records may belong to it", required=True),
        Key("by", WHO, "who opens and feeds it; the person themself when absent"),
        Key("decided_by", WHO, "who moves and decides it, or answers and closes it"),
        Key("event", Word(), "what its end is called: the event of a `keep` that runs `from` it"),
        Key("reasons", Many(Word()), "the only reasons that a decision may give"),
    )),
    RuleKind("inform", Text(), "a clause that promises nothing to enforce, and why", ()),
)  # fmt: skip

RULES: Mapping[str, RuleKind] = {kind.head: kind for kind in _KINDS}

FRONT = Closed(
    (
        Key("agreement", Word(), "its name, the same in every version", required=True),
        Key("title", Text(200), "its title", required=True),
        Key("organisation", Closed((
            Key("name", Text(200), "who promises", required=True),
            Key("contact", Text(200), "where to reach them", required=True),
            Key("place", Word("place"), "where they are", required=True),
            Key("regimes", Many(Word()), "the laws it keeps, such as `eu-gdpr`", required=True),
        )), "who promises", required=True),
        Key("version", Whole(1, 1_000_000), "1, 2, 3 and so on", required=True),
        Key("effective", Moment(), "when it takes effect", required=True),
        Key("language", LANGUAGE, "its language", required=True),
    )
)  # fmt: skip
