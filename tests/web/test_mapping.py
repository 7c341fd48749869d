"""The data map shows what is declared and what was seen, and fills in nothing that is missing."""

from tests.houses import MEMBER_TEXT
from troth.ledger.entry import Entry
from troth.terms.parse import parse
from troth.web.lexicon import lexicon_of
from troth.web.mapping import map_of

LEXICON = lexicon_of(parse(MEMBER_TEXT, "agreement.md"))


def use(category, purpose, **more) -> Entry:
    return Entry(
        at=1, kind="record.used", actor="program:portal", act="use", outcome="permitted",
        category=category, purpose=purpose, **more,
    )  # fmt: skip


def drawn(categories, seen, *, whole):
    return map_of(LEXICON, categories, seen, whole=whole, words=str, language="en", rtl=False)


def found(flows):
    return {(row.source, row.target): (row.uses, row.found) for row in flows.rows}


def test_nothing_held_and_nothing_seen_draws_nothing():
    assert drawn((), (), whole=True).boxes == ()
    assert drawn(("account",), (), whole=False).boxes == ()


def test_what_is_declared_and_was_not_seen_says_so():
    rows = found(drawn(("support",), (), whole=True))
    assert rows["Conversations and ratings", "To answer you"] == (0, "declared")


def test_what_was_seen_is_counted():
    seen = [use("account", "support.reply")] * 3
    rows = found(drawn(("account",), seen, whole=False))
    assert rows == {("Account data", "To answer you"): (3, "observed")}


def test_what_was_seen_and_no_clause_declares_is_missing():
    rows = found(drawn(("account",), [use("account", "support.quality")], whole=False))
    assert rows["Account data", "To judge our answers"] == (1, "undeclared")


def test_what_was_seen_of_a_kind_that_is_not_held_any_more_is_no_gap():
    rows = found(drawn((), [use("support", "support.reply")], whole=False))
    assert rows["Conversations and ratings", "To answer you"] == (1, "observed")


def test_a_disclosure_is_drawn_to_its_recipient_and_place():
    to = "processors.payments.payments-processor"
    seen = [Entry(at=1, kind="record.disclosed", actor="program:payout", act="disclose", outcome="permitted",
                  category="payment", purpose="service.payments", recipient=to)]  # fmt: skip
    rows = found(drawn(("payment",), seen, whole=False))
    assert rows["To pay you and to take your payments", "Example Payments Ltd, Dublin"] == (1, "observed")
    assert rows["Example Payments Ltd, Dublin", "Ireland"] == (1, "observed")
