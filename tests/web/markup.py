"""HTML as a tree small enough for tests: elements with attributes, children and the text inside them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """One element; `of(name)` finds those below it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    parent: "Element | None" = None

    def __getitem__(self, attribute: str) -> str:
        return self.attributes[attribute]

    def get(self, attribute: str, absent: str = "") -> str:
        return self.attributes.get(attribute, absent)

    def all(self) -> Iterator["Element"]:
        yield self
        for child in self.children:
            yield from child.all()

    def of(self, *names: str) -> list["Element"]:
        return [each for each in self.all() if each.name in names and each is not self]

    def within(self, name: str) -> bool:
        return self.parent is not None and (self.parent.name == name or self.parent.within(name))

    @property
    def text(self) -> str:
        return " ".join("".join(part for each in self.all() for part in each.words).split())


class _Reader(HTMLParser):
    """Builds the tree, and complains about what a browser would silently mend."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self.now = self.root
        self.faults: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> repeats an attribute at {self.getpos()}")
        element = Element(tag, {name: value or "" for name, value in attrs}, parent=self.now)
        self.now.children.append(element)
        if tag not in VOID:
            self.now = element

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.now = self.now.parent

    def handle_endtag(self, tag):
        if self.now.name != tag:
            self.faults.append(f"</{tag}> closes <{self.now.name}> at {self.getpos()}")
            return
        self.now = self.now.parent

    def handle_data(self, data):
        self.now.words.append(data)


def parsed(text: str) -> Element:
    """Return the tree of a page; fails when elements do not close in order or attributes repeat."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert not reader.faults, reader.faults
    assert reader.now is reader.root, f"<{reader.now.name}> is never closed"
    return reader.root


def faults(page: Element) -> list[str]:
    """Return what no page may have: doubled ids, references to nothing, unlabelled fields, inline code."""
    everything = list(page.all())
    ids = [each["id"] for each in everything if "id" in each.attributes]
    labels = {label["for"] for label in page.of("label") if "for" in label.attributes}
    found = [f"the id `{each}` is there twice" for each in set(ids) if ids.count(each) > 1]
    for each in everything:
        for name in ("aria-labelledby", "aria-describedby", "popovertarget", "for"):
            found += [
                f"{name} of <{each.name}> names `{one}`" for one in each.get(name).split() if one not in ids
            ]
        if (href := each.get("href")).startswith("#") and href[1:] not in ids:
            found.append(f"a link leads to `{href}`, which is nowhere")
        if each.name in ("input", "select", "textarea") and each.get("type") not in ("hidden", "submit"):
            if each.get("id") not in labels and not each.get("aria-label"):
                found.append(f"the field `{each.get('name')}` has no label")
            if each.name == "input" and each.get("type") not in ("checkbox", "radio", "file"):
                found += [] if each.get("autocomplete") else [f"`{each.get('name')}` has no autocomplete"]
        if each.name in ("button", "a") and not each.text and not each.get("aria-label"):
            found.append(f"<{each.name}> says nothing: {each.attributes}")
        if each.name == "form" and each.get("method").lower() == "post":
            tokens = [
                field for field in each.of("input") if field.get("name") == "csrf" and field.get("value")
            ]
            found += (
                [] if len(tokens) == 1 else [f"the form to `{each.get('action')}` has no token of its own"]
            )
        found += [
            f"<{each.name}> has `{name}`"
            for name in each.attributes
            if name == "style" or name.startswith("on")
        ]
        if each.name == "style" or (each.name == "script" and ("src" not in each.attributes or each.text)):
            found.append(f"<{each.name}> is written into the page")
        for name in ("src", "href", "action", "formaction", "data"):
            if "//" in each.get(name):
                found.append(f"{name} leaves the site: {each[name]}")
    return found
