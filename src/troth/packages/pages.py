"""The pages of a package: to be leafed through without a network, without scripts, by anybody.

One style, written out in each page; headings in order, tables with captions and scopes; nothing is loaded
from anywhere. What is ours is said in the reader's language, what is the agreement's in its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from troth.packages.tables import cell

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
TEXTS: Mapping[str, str] = {
    "title": "Your data",
    "made": "Made %(at)s by %(organisation)s",
    "agreement": "The agreement in force then: %(name)s, version %(version)s",
    "kinds": "Kinds of data",
    "kind": "Kind of data",
    "records": "Records",
    "withheld": "What is not in it, and why",
    "nothing_withheld": "Nothing is left out.",
    "more": "Also in this package",
    "choices": "Your choices, with a receipt for each consent",
    "disclosures": "Who got data of you",
    "requests": "Your requests",
    "accesses": "Who saw your data",
    "ledger": "Lines of the log about you, with proofs that anybody can check",
    "terms": "The text of the agreement",
    "systems": "What other systems of ours hold of you",
    "holds": "What keeps data of you beyond their time, and until when",
    "manifest": "What is in this package, and the signature over it",
    "field": "Field",
    "value": "Value",
    "collected": "Taken in",
    "until": "Kept until",
    "clause": "Clause",
    "source": "From",
    "basis": "Ground",
    "purposes": "What for",
    "recipients": "May be passed on to",
    "back": "All kinds of data",
    "record": "Record %(number)s",
    "why": "Why",
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"
_STYLE = """
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}caption{text-align:start;font-weight:600;padding:.5rem 0}
th,td{text-align:start;vertical-align:top;border-block-start:1px solid;padding:.4rem;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin-block-start:2rem}dt{font-weight:600}a{color:LinkText}td{white-space:pre-wrap}
"""


class Kind(NamedTuple):
    """A kind of data on the first page: in words, how many records, and its pages."""

    words: str
    records: int
    pages: tuple[str, ...]


class Reader(NamedTuple):
    """Whom the pages are for: their language, our texts in it, and the language of the agreement."""

    language: str
    texts: Mapping[str, str]
    content: str  # the language of the agreement

    def say(self, key: str, **named: object) -> str:
        """Return one of our texts, escaped."""
        return escape(self.texts.get(key, TEXTS[key]) % named if named else self.texts.get(key, TEXTS[key]))


def index(
    reader: Reader, kinds: Sequence[Kind], withheld: Sequence[Mapping[str, str]], *, head: Mapping[str, str],
    systems: bool, whole: bool,
) -> bytes:  # fmt: skip
    """Return the first page: which kinds of data there are, what is left out, and what else is here.

    `whole`: it is of everything that is held, the person's requests among it.
    """
    say = reader.say
    rows = "".join(
        f'<tr><th scope="row" lang="{reader.content}">{_links(kind)}</th><td>{kind.records}</td></tr>'
        for kind in kinds
    )
    gone = "".join(
        f"<tr><td>{escape(_of(each))}</td><td>{escape(each['why'])}</td>"
        f"<td>{escape(each['clause'])}</td></tr>"
        for each in withheld
    )
    missing = (
        f'<table><caption>{say("withheld")}</caption><thead><tr><th scope="col">{say("kind")}</th>'
        f'<th scope="col">{say("why")}</th><th scope="col">{say("clause")}</th></tr></thead>'
        f"<tbody>{gone}</tbody></table>"
        if withheld
        else f"<p>{say('nothing_withheld')}</p>"
    )
    more = [
        ("choices.json", "choices"), ("disclosures.json", "disclosures"), ("accesses.json", "accesses"),
        ("holds.json", "holds"), ("ledger/entries.jsonl", "ledger"), ("agreement.md", "terms"),
        ("manifest.json", "manifest"),
    ]  # fmt: skip
    if whole:
        more.append(("requests.json", "requests"))
    if systems:
        more.append(("downstream/index.json", "systems"))
    also = "".join(f'<li><a href="{path}">{say(key)}</a></li>' for path, key in more)
    return _page(
        reader,
        say("title"),
        f"<h1>{say('title')}</h1><p>{say('made', at=head['at'], organisation=head['organisation'])}</p>"
        f"<p>{say('agreement', name=head['name'], version=head['version'])}</p>"
        f"<h2>{say('kinds')}</h2><table><caption>{say('kinds')}</caption><thead><tr>"
        f'<th scope="col">{say("kind")}</th><th scope="col">{say("records")}</th></tr></thead>'
        f"<tbody>{rows}</tbody></table><h2>{say('withheld')}</h2>{missing}<h2>{say('more')}</h2><ul>{also}</ul>",
    )


def kind_page(
    reader: Reader, words: str, names: Mapping[str, str], items: Iterable[Mapping[str, Any]], first: int
) -> bytes:
    """Return a page of records; `names` are the fields in words, `first` the number of its first record."""
    say = reader.say
    parts = [
        f'<p><a href="../index.html">{say("back")}</a></p><h1 lang="{reader.content}">{escape(words)}</h1>'
    ]
    for number, item in enumerate(items, first):
        rows = "".join(
            f'<tr><th scope="row" lang="{reader.content}">{escape(names.get(name, name))}</th>'
            f"<td>{_value(value)}</td></tr>"
            for name, value in item["values"].items()
        )
        until = max(kept["until"] for kept in item["kept"])
        about = (
            ("collected", item["collected"]), ("until", until), ("clause", item["clause"]),
            ("source", item["source"]), ("basis", item["basis"]), ("purposes", ", ".join(item["purposes"])),
            ("recipients", ", ".join(item["recipients"])),
        )  # fmt: skip
        facts = "".join(f"<dt>{say(key)}</dt><dd>{escape(told)}</dd>" for key, told in about if told)
        title = say("record", number=number)
        parts.append(
            f'<h2>{title}</h2><table><caption>{title}</caption><thead><tr><th scope="col">{say("field")}</th>'
            f'<th scope="col">{say("value")}</th></tr></thead><tbody>{rows}</tbody></table><dl>{facts}</dl>'
        )
    return _page(reader, escape(words), "".join(parts))


def _value(value: object) -> str:
    if isinstance(value, dict) and "file" in value:
        path = escape(str(value["file"]))
        return f'<a href="../{path}">{path.rpartition("/")[2]}</a>'
    return escape(value if isinstance(value, str) else cell(value))


def _of(gap: Mapping[str, str]) -> str:
    return f"{gap['category']}.{gap['field']}" if gap["field"] else gap["category"]


def _links(kind: Kind) -> str:
    first, *others = (escape(page) for page in kind.pages) if kind.pages else ("",)
    if not first:
        return escape(kind.words)
    more = "".join(f' <a href="{page}">{number}</a>' for number, page in enumerate(others, 2))
    return f'<a href="{first}">{escape(kind.words)}</a>{more}'


def _page(reader: Reader, title: str, body: str) -> bytes:
    direction = "rtl" if reader.language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"
    return (
        f'<!doctype html><html lang="{escape(reader.language)}" dir="{direction}"><head>'
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>\n"
    ).encode()
