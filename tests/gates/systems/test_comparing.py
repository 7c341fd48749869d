"""Who is named by a column is found however a database writes and compares it, and nobody else is."""

import pytest

from troth.errors import NotDoneThere
from troth.gates.systems.system import Order

SQLITE, POSTGRES, MARIA = "sqlite", "postgresql", "mysql"


def people(shop, column, *values, extra=""):
    """Make a table whose one column names people; a value is written as SQL has it."""
    shop.run(f"{extra}CREATE TABLE people (id INTEGER PRIMARY KEY, who {column})")
    for number, value in enumerate(values, 1):
        shop.run(f"INSERT INTO people VALUES ({number}, {value})")


def erases(shop, by, value, **more):
    gate = shop.gate({"people": {"person": {"column": "who", "by": by, **more}, "erase": "delete"}})
    try:
        return gate.do(Order(bytes(16), "erase", {"number": ("5",), by: (value,)}))
    finally:
        gate.place.engine.dispose()


def left(shop):
    return [number for (number,) in shop.all("SELECT id FROM people ORDER BY id")]


def kind(shop):
    return shop.engine.dialect.name


@pytest.mark.parametrize("match", ["folded", "exact"])
def test_letters_with_accents_are_letters_of_their_own(new_shop, match):
    shop = new_shop()
    people(shop, "VARCHAR(100)", "'rene@example.org'", "'rené@example.org'")
    erases(shop, "account.email", "rene@example.org", match=match)
    assert left(shop) == [2]


def test_references_that_differ_in_case_are_of_two_people(new_shop):
    shop = new_shop()
    more = {SQLITE: " COLLATE NOCASE", POSTGRES: "", MARIA: ""}[kind(shop)]
    people(shop, "VARCHAR(100)" + more, "'ab12'", "'AB12'", "'äb12'")
    erases(shop, "reference", "ab12")
    assert left(shop) == [2, 3]


@pytest.mark.parametrize("held", ["ÄNNA Ö", "änna ö"])
def test_case_is_folded_of_every_letter_and_not_of_ascii_alone(new_shop, held):
    shop = new_shop()
    people(shop, "VARCHAR(100)", f"'{held}'", "'Anna O'")
    erases(shop, "account.email", "Änna Ö")
    assert left(shop) == [2]


@pytest.mark.parametrize("reference", ["1_000", "01000", "1e3", "\u0661\u0660\u0660\u0660"])
@pytest.mark.parametrize("column", ["BIGINT", "NUMERIC(20)"])
def test_a_reference_is_no_number_that_is_written_otherwise(new_shop, column, reference):
    shop = new_shop()
    people(shop, column, "1000")
    with pytest.raises(NotDoneThere) as told:
        erases(shop, "reference", reference)
    assert (told.value.problem, told.value.stuck, left(shop)) == ("unlike", True, [1])


def test_a_number_with_a_floating_point_names_nobody(new_shop):
    shop = new_shop()
    people(shop, "DOUBLE PRECISION", "4611686018427387905", "4611686018427387906")
    with pytest.raises(NotDoneThere) as told:
        erases(shop, "reference", "4611686018427387905")
    assert (told.value.problem, left(shop)) == ("unlike", [1, 2])


def test_a_column_that_is_too_narrow_for_a_number_is_never_called_searched(new_shop):
    shop = new_shop()
    if kind(shop) == MARIA:  # SQLite has none that is, PostgreSQL refuses by itself
        people(shop, "INTEGER", "5")
        with pytest.raises(NotDoneThere) as told:
            erases(shop, "reference", "4611686018427387905")
        assert (told.value.problem, told.value.stuck) == ("unlike", True)


def test_a_blank_value_names_nobody(new_shop):
    shop = new_shop()
    people(shop, "VARCHAR(100)", "''", "' '", "NULL")
    with pytest.raises(NotDoneThere) as told:
        erases(shop, "reference", " ")
    assert (told.value.problem, told.value.stuck, left(shop)) == ("unlike", True, [1, 2, 3])


def test_a_phone_number_is_found_in_a_column_of_numbers(new_shop):
    shop = new_shop()
    people(shop, "BIGINT", "4915112345678")
    erases(shop, "account.phone", "+4915112345678")
    assert left(shop) == []


def test_a_column_without_a_type_finds_numbers_and_text(new_shop):
    shop = new_shop()
    if kind(shop) == SQLITE:  # the others have none
        people(shop, "", "12", "'Mia@example.org'", "13")
        erases(shop, "reference", "12")
        erases(shop, "account.email", "mia@example.org")
        assert left(shop) == [3]


def test_a_domain_is_compared_as_what_it_is_made_of(new_shop):
    shop = new_shop()
    if kind(shop) == POSTGRES:  # the others have none
        domains = "CREATE DOMAIN shown AS VARCHAR(100);\nCREATE DOMAIN mailbox AS shown;\n"
        people(shop, "mailbox", "'Mia@example.org'", "'noor@example.org'", extra=domains)
        erases(shop, "account.email", "mia@example.org")
        assert left(shop) == [2]


def test_a_correction_of_the_case_alone_is_done(new_shop):
    shop = new_shop()
    people(shop, "VARCHAR(100)", "'Mia@example.org'")
    gate = shop.gate({"people": {"person": {"column": "who", "by": "account.email"}, "erase": "delete"}})
    known = {"number": ("5",), "account.email": ("Mia@example.org",)}
    assert gate.do(Order(bytes(16), "correct", known, {"account.email": "mia@example.org"})).done
    assert shop.one("SELECT who FROM people") == "mia@example.org"


def test_rows_that_a_policy_hides_are_never_taken_for_gone(new_shop):
    shop = new_shop()
    if kind(shop) != POSTGRES:
        return
    people(shop, "BIGINT", "5", "5")
    role = shop.url.rpartition("/")[2].partition("?")[0]
    shop.run(f"CREATE ROLE {role} LOGIN;\nGRANT ALL ON people TO {role}")
    shop.run(
        f"ALTER TABLE people ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON people TO {role} USING (id = 1)"
    )
    owner, shop.url = shop.url, shop.url.replace("postgres:@", f"{role}@")
    assert shop.url != owner
    gate = shop.gate({"people": {"person": {"column": "who", "by": "number"}, "erase": "delete"}})
    try:
        with pytest.raises(NotDoneThere) as told:
            gate.do(Order(bytes(16), "erase", {"number": ("5",)}))
        assert (told.value.problem, left(shop)) == ("credentials", [1, 2])
    finally:
        gate.place.engine.dispose()
        shop.run(f"DROP POLICY p ON people;\nREVOKE ALL ON people FROM {role};\nDROP ROLE {role}")
        shop.url = owner
