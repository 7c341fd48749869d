"""Markdown split into what the language needs: front matter, headings, prose and rule blocks, with places."""

import re
from dataclasses import dataclass, field
from unicodedata import normalize

from troth.terms.faults import Faults
from troth.terms.nodes import Here

_ID = re.compile(r"\s*\{#([^}]*)\}\s*\Z")
_NUMBER = re.compile(r"(\d+(?:\.\d+)*)\.?\s+(?=\S)")
_OPEN = re.compile(r"---[ \t]*\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """The inside of a fenced block: its text, the line it begins on, and the columns cut from each line."""

    text: str
    line: int
    indents: tuple[int, ...]


@dataclass(slots=True)
class Section:
    """A heading and everything under it, up to the next heading."""

    level: int
    id: str  # "" for a chapter
    number: str
    title: str
    line: int
    text: str = ""
    prose_line: int = 0  # where prose begins; 0 when there is none
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Split:
    """A text taken apart: `front` is None when there is no front matter."""

    front: Block | None
    sections: tuple[Section, ...]


def split(text: str, faults: Faults) -> Split:
    """Return the parts of a Markdown text whose lines end in a line feed; notes what has no part."""
    from markdown_it import MarkdownIt

    lines = text.split("\n")
    front, begins = _front(lines, faults)
    body = "\n".join([""] * begins + lines[begins:])
    reader = MarkdownIt("commonmark")
    reader.core.ruler.enableOnly(["normalize", "block"])
    tokens = reader.parse(body)
    sections: list[Section] = []
    taken: set[int] = set(range(begins))  # lines (from 0) that are not prose of a section
    starts: list[int] = []
    for at, token in enumerate(tokens):
        if token.map is None:
            continue
        first, after = token.map
        if token.type == "heading_open" and token.level == 0:
            sections.append(_heading(tokens[at + 1].content, int(token.tag[1:]), first + 1, faults))
            starts.append(first)
            taken.update(range(first, after))
        elif token.type == "fence":
            if not lines[after - 1].lstrip("> \t").startswith(token.markup) or after - 1 == first:
                faults.add(
                    Here(first + 1),
                    "fence",
                    "this block has no end",
                    f"close it with a line `{token.markup}`",
                )
            block = _fence(token.info.strip(), token.content, lines, first, token.level, faults)
            if block and sections:
                sections[-1].blocks.append(block)
                taken.update(range(first, after))
            elif block:
                faults.add(
                    Here(first + 1),
                    "L17",
                    "this rule stands under no clause",
                    "put a heading with `{#an.id}` and its prose above it",
                )
        elif token.type == "html_block":
            faults.add(
                Here(first + 1),
                "markdown",
                "HTML is not part of the language",
                "write it as Markdown; a comment nobody sees promises nothing",
            )
    _prose(lines, begins, starts, taken, sections, faults)
    return Split(front, tuple(sections))


def _front(lines: list[str], faults: Faults) -> tuple[Block | None, int]:
    if not _OPEN.match(lines[0]):
        faults.add(
            Here(1),
            "front",
            "the text does not begin with front matter",
            "begin with `---`, then `agreement: NAME` and its companions, then `---`",
        )
        return None, 0
    end = next((n for n, line in enumerate(lines[1:], 1) if _OPEN.match(line)), None)
    if end is None:
        faults.add(Here(1), "front", "the front matter has no end", "close it with a line `---`")
        return None, len(lines)
    return Block("\n".join(lines[1:end]) + "\n", 2, ()), end + 1


def _heading(content: str, level: int, line: int, faults: Faults) -> Section:
    found = _ID.search(content)
    clause = found.group(1).strip() if found else ""
    rest = content[: found.start()] if found else content
    if found and not clause:
        faults.add(Here(line), "heading", "the heading's id is empty", "write it as `{#chapter.clause}`")
    if not found and "{#" in content:
        faults.add(
            Here(line),
            "heading",
            "the heading's id is not closed or not last",
            "end the heading with `{#chapter.clause}`",
        )
    number = _NUMBER.match(rest)
    title = rest[number.end() :] if number else rest
    if not title.strip():
        faults.add(Here(line), "heading", "the heading has no title", "write a few words before the id")
    return Section(level, clause, number.group(1) if number else "", normalize("NFC", title.strip()), line)


def _fence(name: str, content: str, lines: list[str], first: int, level: int, faults: Faults) -> Block | None:
    if name != "rule":
        shown = f"`{name}`" if name else "no name"
        faults.add(
            Here(first + 1),
            "fence",
            f"a fenced block here has {shown}",
            "name it `rule`, or indent it by four spaces if it is prose",
        )
        return None
    if level:
        faults.add(
            Here(first + 1),
            "fence",
            "a rule stands inside a list or a quotation",
            "move it to the left margin, under the prose of its clause",
        )
        return None
    inside = content.split("\n")
    cuts = tuple(len(lines[first + 1 + n]) - len(line) for n, line in enumerate(inside[:-1]))
    return Block(content, first + 2, cuts)


def _prose(
    lines: list[str], begins: int, starts: list[int], taken: set[int], sections: list[Section], faults: Faults
) -> None:
    lead = starts[0] if starts else len(lines)
    stray = next((n for n in range(begins, lead) if lines[n].strip() and n not in taken), None)
    if stray is not None:
        faults.add(
            Here(stray + 1),
            "L17",
            "this text belongs to no clause",
            "put a heading with `{#an.id}` above it, and a rule below",
        )
    for section, start, end in zip(sections, starts, [*starts, len(lines)][1:], strict=True):
        kept = [n for n in range(start, end) if n not in taken]
        said = [n for n in kept if lines[n].strip()]
        if said:
            section.prose_line = said[0] + 1
            section.text = tidy("\n".join(lines[n] for n in kept))


def tidy(text: str) -> str:
    """Return text without trailing white space, and with single empty lines between its paragraphs."""
    out: list[str] = []
    for line in text.split("\n"):
        bare = line.rstrip()
        if bare or (out and out[-1]):
            out.append(bare)
    return normalize("NFC", "\n".join(out).strip("\n"))
