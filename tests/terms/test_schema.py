import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.terms.small import BASE
from troth.terms.faults import Faults
from troth.terms.grammar import RULES
from troth.terms.nodes import Node, read_yaml
from troth.terms.schema import front_schema, rule_schema, schemas

ROOT = Path(__file__).parents[2]
TEXTS = [
    *sorted((ROOT / "agreements").glob("*/agreement.md")),
    ROOT / "tests/agreements/clinic.md",
    *sorted((ROOT / "tests/terms/lints").glob("*.md")),
]
RULE = Draft202012Validator(rule_schema())
FRONT = Draft202012Validator(front_schema())


def as_json(node: Node):
    """Read a node as the core schema of YAML 1.2 does: true, false, whole and decimal numbers, else text."""
    if node.form == "map":
        return {key.text: as_json(value) for key, value in node.pairs}
    if node.form == "list":
        return [as_json(item) for item in node.items]
    if node.plain and node.text in ("", "~", "null", "Null", "NULL"):
        return None
    if node.plain and node.text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return node.text.lower() == "true"
    if node.plain and re.fullmatch(r"[-+]?[0-9]+", node.text):
        return int(node.text)
    if node.plain and re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?", node.text):
        return float(node.text)
    return node.text


def read(text):
    return as_json(read_yaml(text, Faults("x")))


def blocks():
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        for number, block in enumerate(re.findall(r"^```rule\n(.*?)^```", text, re.MULTILINE | re.DOTALL)):
            yield pytest.param(block, id=f"{path.parent.name}-{path.stem}-{number}")


@pytest.mark.parametrize("block", list(blocks()))
def test_every_rule_of_the_examples_is_valid(block):
    assert [error.message for error in RULE.iter_errors(read(block))] == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_front_matter_of_the_examples_is_valid(path):
    front = path.read_text(encoding="utf-8").split("---\n")[1]
    assert [error.message for error in FRONT.iter_errors(read(front))] == []


@pytest.mark.parametrize("schema", list(schemas().values()), ids=list(schemas()))
def test_the_schemas_are_schemas(schema):
    assert Draft202012Validator.check_schema(schema) is None


@pytest.mark.parametrize(
    "block",
    [
        "use: service",
        "use: service\nof: account\nby: {roles: [a]}\nbasis: whim",
        "use: service\nof: account\nby: everyone\nbasis: contract",
        "use: service\nof: account\nby: {roles: [a]}\nbasis: contract\nwhy: not",
        BASE[0].replace("email: email", "email: emial"),
        BASE[0].replace("keep: account\n", "").replace("\nkeep: account", ""),
        BASE[2].replace("P1Y", "a year"),
        "never: [lend]",
        "store: []",
        "protect: {encryption: rot13}",
        "right: forget",
        "transfer: {from: SG}\nsafeguard: scc",
        "inform: x\nuse: y",
        "never: use\nexcept: {off: account}",
    ],
)
def test_a_malformed_rule_is_not_valid(block):
    assert not RULE.is_valid(read(block))


@pytest.mark.parametrize("front", ["agreement: a", "agreement: a b\ntitle: t", "version: 1"])
def test_a_malformed_front_matter_is_not_valid(front):
    assert not FRONT.is_valid(read(front))


@pytest.mark.parametrize("head", list(RULES))
def test_every_kind_of_rule_has_its_schema_with_words_for_every_key(head):
    schema = rule_schema()["$defs"][head]
    names = {head, *(key.name for key in RULES[head].keys)}
    assert names <= set(schema["properties"])
    assert all(part["description"] for part in schema["properties"].values())
    assert schema["additionalProperties"] is False
