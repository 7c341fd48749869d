"""A scan finds what looks personal and is not mapped, by names and by values, and shows no value."""

from tests.shops import TABLES

TYPES = {"account.email": "email", "identity.name": "name", "network.ip": "ip", "account.phone": "phone"}


def test_it_finds_what_nobody_mapped_by_name_and_by_values_and_shows_none(shop):
    shop.run(
        "CREATE TABLE leads (id INT PRIMARY KEY, contact VARCHAR(100), tel VARCHAR(50), src VARCHAR(9));\n"
        "INSERT INTO leads VALUES (1, 'canary1@example.org', '+442079460958', 'fair'),"
        " (2, 'canary2@example.org', '+442079460959', 'fair'), (3, 'canary3@example.org', NULL, 'web');\n"
        "ALTER TABLE customers ADD COLUMN birthday DATE"
    )
    found = shop.gate().scan(TYPES)
    assert [(s.table, s.column, s.looks, s.by, s.declared) for s in found.suspects] == [
        ("customers", "birthday", "date", "name", True),
        ("leads", "contact", "email", "values", False),
        ("leads", "tel", "phone", "name", False),
    ]
    assert [s.like for s in found.suspects] == [(), ("account.email",), ("account.phone",)]
    assert found.tables == len(TABLES) + 1
    assert "canary" not in repr(found)


def test_what_is_mapped_or_ignored_is_not_found(shop):
    assert shop.gate().scan(TYPES).suspects == ()
    few = {"customers": {**TABLES["customers"], "columns": {}, "ignored": ["email"]}}
    found = {(s.table, s.column) for s in shop.gate(few).scan(TYPES).suspects}
    assert ("customers", "full_name") in found
    assert ("customers", "email") not in found
    assert ("news", "email") in found


def test_a_table_without_rows_is_judged_by_its_names(new_shop):
    shop = new_shop()
    shop.run("CREATE TABLE staff (id INTEGER PRIMARY KEY, surname VARCHAR(50), grade INTEGER);\n"
             "CREATE TABLE r (id INTEGER PRIMARY KEY, member BIGINT)")  # fmt: skip
    tables = {"r": {"person": {"column": "member", "by": "number"}, "erase": "delete"}}
    found = shop.gate(tables).scan(TYPES)
    assert [(s.table, s.column, s.by) for s in found.suspects] == [("staff", "surname", "name")]


def test_a_table_that_its_role_may_not_read_is_judged_by_its_names(shop):
    if shop.engine.dialect.name != "postgresql":  # the others do not name it
        return
    role = shop.url.rpartition("/")[2].partition("?")[0]
    shop.run('CREATE TABLE "Some Leads" (id INTEGER PRIMARY KEY, email VARCHAR(90))')
    shop.run(f"CREATE ROLE {role} LOGIN;\nGRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    shop.run(f'REVOKE ALL ON "Some Leads" FROM {role}')
    shop.url = shop.url.replace("postgres:@", f"{role}@")
    try:
        found = [(s.table, s.column, s.by) for s in shop.gate().scan(TYPES).suspects]
    finally:
        shop.run(f"DROP OWNED BY {role};\nDROP ROLE {role}")
    assert found == [("Some Leads", "email", "name")]
