"""Asking to have a record corrected: which one, what is right, who decides, and that it is so then."""

from tests.cast import AGENT, EXCHANGE, IDENTITY, TRANSACTION
from tests.web.markup import faults

WHERE = "/requests/new/correct/of/"


def identified(portal):
    """Return a member whose identity data are held."""
    mia = portal.register()
    portal.house.collect(
        about=mia.subject, category="identity", when="identity_verification", values=IDENTITY, age=36
    )
    return mia


def traded(portal, *amounts):
    """Return a member with transactions."""
    mia = portal.register()
    for amount in amounts:
        portal.clock.forward(60_000_000)
        values = {**TRANSACTION, "amount": {"amount": amount, "currency": "EUR"}}
        portal.house.collect(
            about=mia.subject, category="transactions", when="service_use", values=values, by=EXCHANGE
        )
    mia.confirm()
    return mia


def choices(page):
    return [each.get("value") for each in page.tree.of("input") if each.get("type") == "radio"]


def value(portal, mia, category, field):
    handed = portal.house.access(about=mia.subject, category=category)
    return [held.values[field].reveal() for held in handed.records if field in held.values]


def test_a_correction_that_is_reviewed_waits_changes_the_value_once_it_is_granted_and_says_so(portal):
    mia = identified(portal)
    assert set(choices(mia.get("/requests/new/correct"))) == {"identity", "activity"}
    page = mia.get("/requests/new/correct/check?over=identity")
    assert faults(page.tree) == []
    assert "Somebody of ours looks into it first" in page.words
    assert "birth" in page.text

    after = mia.send(page.form(page.path), name="Mia Luna Stern", birth_date="1991-04-24")

    assert after.path.startswith("/requests/CO-")
    assert "Stern" not in after.text
    assert "somebody decides it" in after.words
    assert value(portal, mia, "identity", "name") == ["Mia Luna Moon"]
    case = portal.house.demanded(reference=after.path.rpartition("/")[2])[0]
    portal.house.decide_demand(case=case.id, decision="review", by=AGENT)
    assert "Somebody looks into it" in mia.get(after.path).words
    told = portal.house.hear_demand(case=case.id, by=AGENT).values
    assert {name: each.reveal() for name, each in told.items()} == {
        "name": "Mia Luna Stern", "birth_date": "1991-04-24",
    }  # fmt: skip
    assert "What you told with a request was read" in mia.get("/seen").words
    portal.house.decide_demand(case=case.id, decision="grant", by=AGENT)
    assert value(portal, mia, "identity", "name") == ["Mia Luna Stern"]
    assert value(portal, mia, "identity", "birth_date") == ["1991-04-24"]
    done = mia.get(after.path)
    assert faults(done.tree) == []
    assert "Carried out" in done.words
    assert "It was granted" in done.words


def test_a_correction_that_is_refused_names_the_ground_the_clause_and_where_to_complain(portal):
    mia = identified(portal)
    page = mia.get("/requests/new/correct/check?over=identity")
    after = mia.send(page.form(page.path), name="Mia Luna Stern")
    case = portal.house.demanded(reference=after.path.rpartition("/")[2])[0]
    portal.house.decide_demand(case=case.id, decision="review", by=AGENT)

    portal.house.decide_demand(case=case.id, decision="refuse", reasons=["accurate"], by=AGENT)

    told = mia.get(after.path)
    assert faults(told.tree) == []
    assert "We looked into it, and it is right as it is." in told.words
    assert told.links("/agreement#right.correct")
    assert told.links("/contact")
    assert value(portal, mia, "identity", "name") == ["Mia Luna Moon"]


def test_every_type_that_is_typed_is_asked_for_as_it_is_elsewhere_and_taken_as_its_type(portal):
    mia = traded(portal, "120.50")
    page = mia.get("/requests/new/correct/check?over=transactions")

    fields = page.form(page.path).fields
    after = mia.send(page.form(page.path), amount="121.50", **{"amount.currency": "SGD"}, kind="sell")

    assert {"amount", "amount.currency", "kind", "time"} <= fields.keys()
    case = portal.house.demanded(reference=after.path.rpartition("/")[2])[0]
    portal.house.decide_demand(case=case.id, decision="review", by=AGENT)
    portal.house.decide_demand(case=case.id, decision="grant", by=AGENT)
    assert value(portal, mia, "transactions", "amount") == [{"amount": "121.50", "currency": "SGD"}]
    assert value(portal, mia, "transactions", "kind") == ["sell"]


def test_of_several_records_the_one_is_corrected_that_was_chosen(portal):
    mia = traded(portal, "1.00", "2.00", "3.00")
    which = mia.get("/requests/new/correct/check?over=transactions")
    assert faults(which.tree) == []
    assert len(choices(which)) == 3
    assert mia.get(f"{WHERE}transactions?record=").status == 422
    oldest = mia.get(f"{WHERE}transactions?record={choices(which)[-1]}")

    after = mia.send(oldest.form(oldest.path), amount="9.00", **{"amount.currency": "EUR"})

    case = portal.house.demanded(reference=after.path.rpartition("/")[2])[0]
    portal.clock.forward(60_000_000)
    portal.house.decide_demand(case=case.id, decision="review", by=AGENT)
    portal.house.decide_demand(case=case.id, decision="grant", by=AGENT)
    amounts = {each["amount"] for each in value(portal, mia, "transactions", "amount")}
    assert amounts == {"9.00", "2.00", "3.00"}


def test_what_is_not_of_its_type_or_of_no_field_is_said_and_nothing_is_filed(portal):
    mia = identified(portal)
    page = mia.get("/requests/new/correct/check?over=identity")
    form = page.form(page.path)

    empty = mia.send(form)
    wrong = mia.send(form, birth_date="yesterday")
    strange = mia.send(form, shoe_size="41")

    assert [each.status for each in (empty, wrong, strange)] == [422, 422, 422]
    assert [faults(each.tree) for each in (empty, wrong, strange)] == [[], [], []]
    assert "Fill in what is right." in empty.words
    assert "yesterday" in wrong.text
    assert "shoe_size" in strange.words
    assert portal.house.demands(about=mia.subject) == ()


def test_what_names_somebody_cannot_be_changed_without_its_code(portal):
    mia = portal.register()

    page = mia.get("/requests/new/correct/check?over=account")

    assert not [form for form in page.forms if {"email", "phone", "username"} & form.fields.keys()]
    sent = mia.post(f"{WHERE}account/{'0' * 32}", {"csrf": "", "email": "other@example.org"})
    assert sent.status in (403, 404)
    assert value(portal, mia, "account", "email") == ["mia@example.org"]


def test_a_record_of_somebody_else_is_none(portal):
    mia = identified(portal)
    record = mia.get("/requests/new/correct/check?over=identity").path
    ben = portal.register("ben@example.org")
    portal.house.collect(
        about=ben.subject, category="identity", when="identity_verification", values=IDENTITY, age=36
    )

    assert ben.get(record).status == 404
    assert ben.get(f"{WHERE}identity/{'0' * 32}").status == 404
    assert ben.get(f"{WHERE}nothing").status == 404


def test_the_same_correction_sent_twice_is_filed_once(portal):
    mia = identified(portal)
    page = mia.get("/requests/new/correct/check?over=identity")

    sent = [mia.send(page.form(page.path), name="Mia Luna Stern") for _ in range(2)]

    assert sent[0].path == sent[1].path
    assert len(portal.house.demands(about=mia.subject)) == 1


def test_a_kind_that_is_reviewed_leads_from_the_record_to_the_request(portal):
    mia = identified(portal)

    page = mia.get("/data/identity")

    assert faults(page.tree) == []
    (way,) = page.links(f"{WHERE}identity/")
    assert mia.get(way).status == 200
