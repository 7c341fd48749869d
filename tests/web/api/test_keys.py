import time

import pytest

from tests.cast import ACCOUNT, MIA, joins
from troth.acts.keys import end_key, keys, make_key
from troth.clock import DAY
from troth.errors import BadArgument, NoSuchKey, UnknownProgram, UnknownServedPurpose
from troth.store import program_keys
from troth.web.api.keys import OLDEST

CASE = {"troth_case": "C-1"}


@pytest.fixture
def mia(api):
    return joins(api.house, MIA, **ACCOUNT)


def refused(answer) -> bool:
    return (answer.status_code, answer.json()["code"]) == (401, "api.key-refused")


def test_a_key_is_made_for_programs_of_the_agreement_alone(api):
    with pytest.raises(UnknownProgram):
        api.program("nobody", "support")


@pytest.mark.parametrize("word", ["wealth", "", "support.reply.more"])
def test_a_key_is_made_for_purposes_of_the_agreement_alone(api, word):
    with pytest.raises(UnknownServedPurpose):
        api.program("helpdesk", word)


@pytest.mark.parametrize(
    "how", [{"purposes": ()}, {"rate": 0}, {"rate": 1.5}, {"until": 5}, {"purposes": "x"}]
)
def test_a_key_without_purpose_rate_or_end_is_not_made(api, how):
    said = {"program": "helpdesk", "purposes": ("support",), "rate": 10, "until": api.clock() + DAY}
    with pytest.raises(BadArgument):
        make_key(api.house.teller, **{**said, **how})
    assert keys(api.house.teller) == ()


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer troth",
        "Bearer troth_x_y",
        "Basic dXNlcjpwYXNz",
        "Bearer " + "a" * 5_000,
        "Bearer troth_aaaaaaaaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Bearer troth_\xe9_\xe9",
    ],
)
def test_what_is_no_key_is_refused(api, shown):
    answer = api.ask("GET", "/cases", headers={"authorization": shown.encode("latin-1")})
    assert refused(answer)


def test_a_key_with_another_secret_is_refused_as_one_that_never_was(api, mia):
    helpdesk = api.program("helpdesk", "support")
    helpdesk.key = helpdesk.key[:-4] + "AAAA"
    answer = helpdesk.records(mia, "account", "support.reply", **CASE)
    assert refused(answer)
    assert helpdesk.id not in answer.text


def test_an_ended_key_is_refused_within_a_second_and_the_next_one_goes_on(api, mia):
    before, after = api.program("helpdesk", "support"), api.program("helpdesk", "support")
    for key in (before, after):  # several are valid at a time
        assert key.records(mia, "account", "support.reply", **CASE).status_code == 200
    end_key(api.house.teller, key=before.id)
    time.sleep(OLDEST)
    assert refused(before.records(mia, "account", "support.reply", **CASE))
    assert after.records(mia, "account", "support.reply", **CASE).status_code == 200


def test_a_key_is_over_at_its_end(api, mia):
    helpdesk = api.program("helpdesk", "support", days=1)
    assert helpdesk.records(mia, "account", "support.reply", **CASE).status_code == 200
    api.clock.forward(DAY)
    assert refused(helpdesk.records(mia, "account", "support.reply", **CASE))


def test_a_key_that_somebody_widens_in_the_store_opens_nothing(api, mia):
    helpdesk = api.program("helpdesk", "support")

    def widen(desk):
        ((key, proof),) = program_keys.every(desk.unit)
        desk.unit.cursor.execute('UPDATE program_keys SET purposes = \'["support", "security"]\'')
        return key, proof

    api.house.teller.alone(widen)
    assert refused(helpdesk.records(mia, "account", "support.reply", **CASE))


def test_a_key_is_limited_in_rate_by_itself(api, mia):
    slow, quick = api.program("helpdesk", "support", rate=3), api.program("helpdesk", "support")
    answers = [slow.records(mia, "account", "support.reply", **CASE) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) == 20
    assert answers[-1].json()["code"] == "web.too-many-attempts"
    assert quick.records(mia, "account", "support.reply", **CASE).status_code == 200
    api.clock.forward(20_000_000)
    assert slow.records(mia, "account", "support.reply", **CASE).status_code == 200


def test_after_the_clock_was_set_back_nobody_waits_longer_than_the_rate_asks(api, mia):
    slow = api.program("helpdesk", "support", rate=1)
    assert slow.records(mia, "account", "support.reply", **CASE).status_code == 200
    api.clock.forward(-3_600_000_000)

    limited = slow.records(mia, "account", "support.reply", **CASE)
    assert limited.status_code == 429
    assert 0 < int(limited.headers["retry-after"]) <= 60
    api.clock.forward(60_000_000)
    behind = slow.records(mia, "account", "support.reply", **CASE)
    assert (behind.status_code, behind.json()["code"]) == (503, "door.clock-backwards")


def test_making_and_ending_a_key_is_remembered_without_its_secret(api):
    helpdesk = api.program("helpdesk", "support")
    end_key(api.house.teller, key=helpdesk.id)
    made, ended = api.lines()[-2:]
    assert [(line["kind"], line["actor"], line["fields"]) for line in (made, ended)] == [
        ("key.made", "program:helpdesk", [helpdesk.id]),
        ("key.ended", "program:helpdesk", [helpdesk.id]),
    ]
    secret = helpdesk.key.rpartition(helpdesk.id)[2].strip("_")
    assert secret not in str(api.lines())
    assert keys(api.house.teller) == ()


def test_a_key_that_is_none_cannot_be_ended(api):
    with pytest.raises(NoSuchKey):
        end_key(api.house.teller, key="x")


def test_a_key_shows_nothing_of_its_secret_but_its_text(api):
    made = make_key(
        api.house.teller, program="helpdesk", purposes=["support"], rate=10, until=api.clock() + DAY
    )
    assert made.text not in repr(made)
    assert made.text.startswith(f"troth_{made.key.id}_")
    stored = api.house.teller.alone(lambda desk: program_keys.every(desk.unit))
    assert made.text.rpartition("_")[2].encode() not in stored[0][1]
