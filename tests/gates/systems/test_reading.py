"""systems.toml is read whole against the agreement, or refused with the key, the fault and the fix."""

import re
import tomllib

import pytest

from tests.house.source import ROOT
from tests.shops import TABLES, WORDS
from troth.gates.systems.declared import Database
from troth.gates.systems.gathering import words_of
from troth.gates.systems.reading import read

CUSTOMERS = TABLES["customers"]


def system(**more):
    return {"kind": "database", "url": "sqlite:////srv/shop.db", "tables": {"customers": CUSTOMERS}, **more}


def table(**more):
    return system(tables={"customers": {**CUSTOMERS, **more}})


def hook(**more):
    return {"kind": "webhook", "url": "https://crm.example.com/troth", "secret_file": "s", **more}


def without(key):
    return system(tables={"customers": {name: v for name, v in CUSTOMERS.items() if name != key}})


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (system(kind="databse"), "`kind` of `[systems.shop]` is `databse`; did you mean `database`?"),
        (system(urll="x"), "`urll` of `[systems.shop]` is not known; did you mean `url`?"),
        (system(url="oracle://x/y"), "begins with none of"),
        (system(url="postgresql://me:pw@host/x"), "holds a password"),
        (system(url="sqlite:///shop.db"), "whole path"),
        (system(url="postgresql://Host_/x"), "no name of a host"),
        (system(url="postgresql://localhost"), "names no database"),
        (system(url="postgresql:///?host=/run/s"), "names no database"),
        (system(url="postgresql:///shop?host=db.example.com"), "the whole path of a socket"),
        (system(url="postgresql://localhost/shop?host=db.example.com"), "the whole path of a socket"),
        (system(url="postgresql://db.example.com/shop?host=/run/s"), "the whole path of a socket"),
        (system(url="postgresql://db.example.com/shop?password=pw"), "behind `?` stands nothing but"),
        (system(url="postgresql:///shop?host=/run/s&hostaddr=192.0.2.1"), "behind `?` stands nothing but"),
        (system(url="mysql://localhost/shop?host=db.example.com"), "behind `?` stands nothing but"),
        (system(url="mysql:///shop?read_default_file=/etc/my.cnf"), "behind `?` stands nothing but"),
        (system(patience=0), "`patience` of `[systems.shop]` is no number from 1 to 3600"),
        (system(recipient="payot"), "did you mean `payout`?"),
        (system(tables={}), "maps no table"),
        (without("erase"), "nothing loads without saying how it goes"),
        (without("person"), "one of `person` and `owners`"),
        (table(owners=[{"column": "id", "by": "number"}]), "one of `person` and `owners`"),
        (table(erase="drop"), "`erase` of `[systems.shop.tables.customers]` is `drop`"),
        (table(erase="keep"), "`clause` names the clause"),
        (table(erase="keep", clause="keep.book"), "did you mean `keep.books`?"),
        (table(blank=["note"]), 'belong to `erase = "anonymise"`'),
        (table(columns={"email": "account.emal"}), "did you mean `account.email`?"),
        (table(person={"column": "member", "by": "numbr"}), "did you mean `number`?"),
        (table(person={"column": "born", "by": "identity.birth_date"}), "may be several people's at once"),
        (hook(tells=["number", "identity.birth_date"]), "may be several people's at once"),
        (table(person={"column": "member"}), "`by` of `[systems.shop.tables.customers.person]` is missing"),
        (table(person={"through": "customers.id > x.y"}), "write `customers.COLUMN -> OTHER.COLUMN`"),
        (table(person={"through": "customers.id -> shops.id"}), "`shops` is not mapped"),
        (table(person={"through": "customers.id -> customers.id"}), "is found through itself"),
        (table(restrict={"a": 1}, lift={"b": 0}), "names other columns than `restrict`"),
        (hook(url="http://crm.example.com/"), "`http`, which is taken for `localhost`"),
        (table(person={"column": "m", "by": "reference", "absent": "nobody"}), "leave `absent` out"),
        (hook(url="https://crm.example.com/troth?tenant=1"), "holds a question"),
        (hook(tells=["account.fax"]), "neither `number` nor `reference` nor a field"),
        (hook(acts=["forget"]), "`forget` is none"),
        (hook(receipts="none"), "`receipts` of `[systems.shop]` is `none`"),
        ({**hook(), "kind": "opendsr"}, "`secret_file` of `[systems.shop]` is not known"),
    ],
)  # fmt: skip
def test_what_is_not_whole_is_refused_and_says_what_to_write(said, wanted):
    with pytest.raises(ValueError, match=re.escape(wanted)) as refused:
        read({"systems": {"shop": said}}, WORDS)
    assert ":pw" not in str(refused.value)


def test_a_kept_table_that_nobody_could_find_afterwards_is_refused():
    tables = {
        "customers": CUSTOMERS,
        "orders": {
            "person": {"through": "orders.customer_id -> customers.id"},
            "erase": "keep",
            "clause": "keep.books",
        },
    }  # fmt: skip
    with pytest.raises(ValueError, match="could find it afterwards"):
        read({"systems": {"shop": system(tables=tables)}}, WORDS)


def test_tables_are_in_the_order_in_which_they_are_found_through_each_other():
    turned = dict(reversed(TABLES.items()))
    (shop,) = read({"systems": {"shop": system(tables=turned)}}, WORDS)
    assert isinstance(shop, Database)
    names = [rule.name for rule in shop.tables]
    assert names.index("customers") < names.index("orders") < names.index("items")


def test_the_example_of_the_page_is_read_under_the_reference_agreement(house):
    page = (ROOT / "docs/reference/systems.md").read_text("utf-8")
    example = tomllib.loads(page.split("```toml")[1].split("```")[0])
    assert [each.name for each in read(example, words_of(house.teller.house.book))] == ["shop", "crm"]


def test_every_word_for_what_went_wrong_is_on_the_page():
    page = (ROOT / "docs/reference/systems.md").read_text("utf-8").partition("## What a duty may say")[2]
    text = "".join(path.read_text("utf-8") for path in (ROOT / "src/troth/gates/systems").rglob("*.py"))
    said = set(re.findall(r'problem="([a-z-]+)"', text)) | set(
        re.findall(r'"(table-missing|column-[a-z]+)"', text)
    )
    assert said
    assert [word for word in sorted(said) if f"`{word}" not in page] == []
