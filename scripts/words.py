"""Gathers the texts of the pages, and brings the catalogue of every language up to date.

`python scripts/words.py` writes `src/troth/web/words/LANGUAGE/messages.po`: new texts come in empty, texts
that are gone go out, and nothing is guessed. The tests ask `findings` whether anything is missing.
"""

import re
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "src/troth/web"
WORDS = PAGES / "words"
METHODS = [("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2"), ("**.py", "python")]
KEYWORDS: dict[str, Any] = {
    "_": None,
    "words": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def used() -> Catalog:
    """Return every text that templates and modules of the pages ask for, with the files that do."""
    catalogue = Catalog(fuzzy=False, charset="utf-8")
    options = {
        pattern: {"trimmed": "true", "silent": "false"} for pattern, kind in METHODS if kind == "jinja2"
    }
    found = extract_from_dir(PAGES, METHODS, options, KEYWORDS, comment_tags=("words:",))
    for file, _line, message, comments, context in sorted(found, key=lambda each: (each[0], each[1])):
        # The file without its line: a catalogue should change when a text does, and then only.
        catalogue.add(message, locations=[(file, 0)], auto_comments=comments, context=context)
    return catalogue


def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue."""
    return tuple(sorted(path.parent.name for path in WORDS.glob("*/messages.po")))


def catalogue(language: str) -> Catalog:
    """Return the catalogue of a language as it is committed."""
    path = WORDS / language / "messages.po"
    return read_po(BytesIO(path.read_bytes()), locale=language)


def findings(language: str, wanted: Catalog) -> list[str]:
    """Return what is wrong with a catalogue: texts that lack, are left over, or lose a placeholder."""
    there = catalogue(language)
    have = {_key(each): each for each in there if each.id}
    want = {_key(each): each for each in wanted if each.id}
    said = [f"{language}: `{key[1]}` is not in the catalogue" for key in want.keys() - have.keys()]
    said += [f"{language}: `{key[1]}` is used nowhere" for key in have.keys() - want.keys()]
    for key in want.keys() & have.keys():
        said += [f"{language}: `{key[1]}` {fault}" for fault in faults(have[key], there.num_plurals)]
    return sorted(said)


def _key(message: Message) -> tuple[str, str]:
    return (message.context or "", message.id if isinstance(message.id, str) else message.id[0])


def faults(message: Message, plurals: int) -> list[str]:
    """Return what is wrong with one translation, in a language with so many plural forms."""
    found = ["is marked fuzzy"] if message.fuzzy else []
    texts = message.string if isinstance(message.string, list | tuple) else (message.string,)
    if not all(texts) or (message.pluralizable and len(texts) != plurals):
        return [*found, "has no translation"]
    sources = (message.id,) if isinstance(message.id, str) else message.id
    wanted = {name for source in sources for name in _PLACEHOLDER.findall(source)}
    for text in texts:
        names = set(_PLACEHOLDER.findall(text or ""))
        # One form of a plural may leave its number out ("an hour"); no form may bring in anything.
        lost = wanted - names - ({"num"} if message.pluralizable else set())
        if names - wanted or lost:
            found.append(f"has other placeholders than {sorted(wanted)}")
    return found


def written(language: str, wanted: Catalog) -> str:
    """Return the catalogue of a language anew: in the order of use, without lines, dates or names."""
    there = catalogue(language) if language in languages() else Catalog(locale=language)
    fresh = Catalog(locale=language, charset="utf-8", fuzzy=False)
    for message in wanted:
        if message.id:
            old = there.get(message.id, message.context)
            fresh.add(
                message.id,
                string=old.string if old else None,
                locations=message.locations,
                flags=old.flags if old else (),
                auto_comments=message.auto_comments,
                context=message.context,
            )
    texts = BytesIO()
    write_po(texts, fresh, width=110, include_lineno=False, omit_header=True)
    return (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {fresh.plural_forms}\\n"\n\n{texts.getvalue().decode().strip()}\n'
    )


def main() -> int:
    """Update every catalogue, and print what still needs a translator."""
    wanted = used()
    for language in languages():
        path = WORDS / language / "messages.po"
        path.write_text(written(language, wanted), encoding="utf-8")
    said = [each for language in languages() for each in findings(language, wanted)]
    print("\n".join(said) or f"{len(wanted)} texts in {', '.join(languages())}")
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main())
