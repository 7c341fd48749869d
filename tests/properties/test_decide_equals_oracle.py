"""Whatever the agreement and whatever is asked, the engine decides as the slow, obvious reading does."""

from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.properties import agreements as some
from tests.properties.oracle import judge
from troth.rules.compiling import compile_rules
from troth.rules.decide import decide
from troth.rules.decision import Act, Permit
from troth.rules.standing import Choice
from troth.terms.agreement import Agreement, Never, Scope


def outcome(agreement, request, standing, facts):
    return decide(compile_rules(agreement), request, standing, facts)


def comparable(answer):
    """An answer without the order of its parts."""
    if isinstance(answer, Permit):
        return answer.fields, answer.mask, set(answer.clauses), answer.tell
    return {(reason.why, reason.word, frozenset(reason.clauses)) for reason in answer.reasons}


def no_wider(after, before):
    """Whether an answer gives nothing that the one before did not give."""
    return not isinstance(after, Permit) or (isinstance(before, Permit) and after.fields <= before.fields)


@settings(max_examples=1_000)
@given(st.data())
def test_every_decision_is_the_one_that_a_slow_reading_reaches(data):
    agreement = data.draw(some.agreements())
    book = compile_rules(agreement)
    for kind in some.KINDS + some.KINDS[:2]:
        request = data.draw(some.requests(agreement, kind))
        standing, facts = data.draw(some.standings), data.draw(some.facts)
        answer = decide(book, request, standing, facts)
        expected = judge(agreement, request, standing, facts)
        event(f"{request.act.value}: {'allowed' if expected.allowed else 'refused'}")
        if isinstance(answer, Permit):
            assert expected.allowed, expected.grounds
            assert answer.fields == expected.fields
            assert answer.mask == expected.mask
            assert set(answer.clauses) == expected.cites
            assert answer.tell == expected.tell
        else:
            assert not expected.allowed, answer
            assert {(reason.why, reason.word) for reason in answer.reasons} == expected.grounds


@given(some.situations(), st.randoms(use_true_random=False))
def test_the_order_of_the_clauses_never_matters(situation, shuffling):
    agreement, *asked = situation
    clauses = list(agreement.clauses)
    shuffling.shuffle(clauses)
    shuffled = replace(agreement, clauses=tuple(clauses))
    assert comparable(outcome(shuffled, *asked)) == comparable(outcome(agreement, *asked))


@given(some.situations(), some.nevers)
def test_another_prohibition_only_takes_away(situation, never):
    agreement, *asked = situation
    more = some.agreement_of([*(rule for _, rule in agreement.rules()), never])
    assert no_wider(outcome(more, *asked), outcome(agreement, *asked))


@given(some.situations(), some.scopes)
def test_another_exception_to_a_prohibition_only_gives(situation, excepted):
    agreement, *asked = situation
    rules = [rule for _, rule in agreement.rules()]
    base = some.agreement_of([*rules, Never(("use", "disclose", "collect"))])
    eased = some.agreement_of([*rules, Never(("use", "disclose", "collect"), Scope(excepts=(excepted,)))])
    assert no_wider(outcome(base, *asked), outcome(eased, *asked))


@given(some.situations(), st.sampled_from([Choice.REFUSED, Choice.WITHDRAWN]))
def test_taking_every_consent_back_never_allows_more(situation, choice):
    agreement, request, standing, facts = situation
    taken_back = replace(standing, consents=tuple(replace(c, choice=choice) for c in standing.consents))
    assert no_wider(
        outcome(agreement, request, taken_back, facts), outcome(agreement, request, standing, facts)
    )


@given(some.situations(), st.sampled_from(some.PURPOSES))
def test_withdrawing_one_consent_never_allows_more(situation, purpose):
    agreement, request, standing, facts = situation
    withdrawn = standing.choosing(some.Consent(purpose, Choice.WITHDRAWN, 1, 10))
    assert no_wider(
        outcome(agreement, request, withdrawn, facts), outcome(agreement, request, standing, facts)
    )


@given(some.situations(), st.sampled_from(some.PURPOSES), st.sampled_from([*some.CATEGORIES, "*"]))
def test_an_objection_or_a_restriction_never_allows_more(situation, purpose, category):
    agreement, request, standing, facts = situation
    limited = replace(
        standing,
        objections=standing.objections | {purpose},
        restrictions=standing.restrictions | {category},
    )
    assert no_wider(outcome(agreement, request, limited, facts), outcome(agreement, request, standing, facts))


@given(some.situations())
def test_a_hold_changes_no_decision(situation):
    agreement, request, standing, facts = situation
    held = replace(standing, holds=(*standing.holds, some.Hold("m2", "investigation", frozenset({"k"}))))
    assert outcome(agreement, request, held, facts) == outcome(agreement, request, standing, facts)


@given(some.situations())
def test_naming_the_fields_that_were_given_gives_the_same(situation):
    agreement, request, standing, facts = situation
    first = outcome(agreement, request, standing, facts)
    if isinstance(first, Permit):
        assert outcome(agreement, replace(request, fields=first.fields), standing, facts) == first
    else:
        assert first.reasons


@given(some.situations())
def test_an_agreement_without_rules_allows_nothing(situation):
    agreement, request, standing, facts = situation
    silent = replace(agreement, clauses=())
    assert isinstance(agreement, Agreement)
    assert not isinstance(outcome(silent, request, standing, facts), Permit)


@given(some.situations(), st.text(max_size=12), st.text(max_size=12))
def test_words_that_no_one_wrote_are_refused_and_nothing_is_raised(situation, word, other):
    agreement, request, standing, facts = situation
    strange = replace(
        request,
        category=word,
        purpose=other,
        recipient=word,
        circumstance=other,
        fields=frozenset({word, other}),
    )
    for act in Act:
        answer = outcome(agreement, replace(strange, act=act), standing, facts)
        assert (
            isinstance(answer, Permit) == judge(agreement, replace(strange, act=act), standing, facts).allowed
        )
