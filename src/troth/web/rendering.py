"""Turns a template and plain values into a page, in the reader's language, with nothing leaking.

Every name in a template must exist, everything is escaped, and a value that guards itself (the
vault's `Plaintext`) is refused: a page shows what somebody revealed on purpose and no other thing.
While a page is rendered, macros find language and zone through the reader; they take plain values only.
Texts are asked for inside macros and pages, never at the top of a file that is imported, since such
a file is evaluated once for every language.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from gettext import NullTranslations

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markupsafe import Markup

from troth.errors import LeakRefused
from troth.vault.plaintext import Closed
from troth.web import languages
from troth.web.assets import Assets
from troth.web.content import all_of, content
from troth.web.languages import LANGUAGES, Reader

VENDOR = {
    "htmx": "vendor/htmx-4.0.1/htmx.min.js",
    "ltr": "vendor/tabler-core-1.4.0/tabler.min.css",
    "rtl": "vendor/tabler-core-1.4.0/tabler.rtl.min.css",
    "icons": "vendor/tabler-icons-3.51.0/sprite.svg",
}
HTMX = json.dumps(
    {"includeIndicatorCSS": False, "implicitInheritance": False, "mode": "same-origin", "history": "reload"}
)
_reader: ContextVar[Reader] = ContextVar("reader")


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another page: its address, its words in the reader's language, and its icon's name."""

    href: str
    words: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page of a face."""

    title: str  # of this page, with no personal value in it
    house: str  # the organisation's name
    home: str = "/"
    here: str = ""  # the address of this page, for `aria-current` and to come back to
    reader: Reader = field(default_factory=Reader)
    offered: tuple[str, ...] = tuple(LANGUAGES)  # the languages to choose from
    theme: str = ""  # "light" or "dark"; empty: as the reader's system
    menu: tuple[Link, ...] = ()
    help: tuple[Link, ...] = ()  # the same on every page, in the same place
    feet: tuple[Link, ...] = ()  # further links of the footer
    csrf: str = ""
    zone: str = ""  # the page on which a time zone is chosen; empty: no page links to it
    preferences: str = ""  # where language and theme are posted to; empty: languages are links, no theme
    sign_out: str = ""  # where signing out is posted to; empty when nobody is signed in
    usage: str = ""  # where the usage script reports to; empty: there is no such script on the page
    scripts: tuple[str, ...] = ()  # modules below `static/` that this page can use


class Rendering:
    """The templates of the package, compiled when first used, or all at once."""

    def __init__(
        self,
        assets: Assets | None = None,
        translations: Callable[[str], NullTranslations] = languages.translations,
    ) -> None:
        """Prepare the environment; `translations` gives the messages of a language."""
        self.assets = assets or Assets()
        self._translations = translations
        self._environment = self._prepared()

    def page(self, template: str, frame: Frame, /, **values: object) -> str:
        """Return a whole page; the template finds `frame` and `values`."""
        with _reading(frame.reader):
            return self._environment.get_template(template).render(frame=frame, **values)

    def part(self, template: str, reader: Reader, /, **values: object) -> str:
        """Return what a template gives without a frame: a fragment, a letter, a picture."""
        with _reading(reader):
            return self._environment.get_template(template).render(**values)

    def compile_all(self, over: Callable[[], bool] = lambda: False) -> None:
        """Compile every template that is not yet, until it is `over`."""
        for name in self._environment.list_templates():
            if over():
                return
            self._environment.get_template(name)

    def words(self, reader: Reader, text: str) -> str:
        """Return one message in the reader's language."""
        return self._translations(reader.language).gettext(text)

    def _prepared(self) -> Environment:
        environment = Environment(
            loader=PackageLoader("troth.web", "templates"),
            autoescape=select_autoescape(disabled_extensions=("txt",), default=True),  # letters are no HTML
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols"],
            finalize=_guarded,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
        )
        environment.policies["ext.i18n.trimmed"] = True
        # The extension adds this method at run time.
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            lambda text: self._words().gettext(text),
            lambda one, many, count: self._words().ngettext(one, many, count),
            newstyle=True,
            pgettext=lambda context, text: self._words().pgettext(context, text),
        )
        environment.globals |= {
            "static": self.assets.address,
            "vendor": lambda name: self.assets.address(VENDOR[name]),
            "languages": LANGUAGES,
            "direction": languages.direction,
            "reader": _reader.get,
            "htmx_config": HTMX,
        }
        names = ("moment", "day", "short_day", "number", "period", "machine")
        environment.filters |= {name: _by_reader(name) for name in names}
        environment.filters |= {"isolated": _isolated, "all_of": _all_of, "of": content, "plain": _plain}
        return environment

    def _words(self) -> NullTranslations:
        return self._translations(_reader.get().language)


@contextmanager
def _reading(reader: Reader) -> Iterator[None]:
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def _by_reader(name: str) -> Callable[[Context, object], str]:
    """Return a filter that asks the reader; taking the context keeps it from being folded into a constant."""

    @pass_context
    def asked(_context: Context, value: object, *more: object) -> str:
        return str(getattr(_reader.get(), name)(value, *more))

    return asked


@pass_context
def _all_of(_context: Context, parts: Iterable[str], language: str = "") -> str:
    """Return several things as one list, in their language if it is known, else in the reader's."""
    return all_of(_reader.get(), parts, language)


def _plain(words: str) -> str:
    """Return words without their mark, for a title or an attribute."""
    return words.striptags() if isinstance(words, Markup) else str(words)


@pass_context
def _isolated(_context: Context, words: str) -> str:
    """Keep words together that run the other way, where no element can: inside the text of a picture."""
    rtl = languages.direction(_reader.get().language) == "rtl"
    return f"\u2068{_plain(words)}\u2069" if words and rtl else _plain(words)


def _guarded(value: object) -> object:
    """Refuse what guards itself, and print nothing for None."""
    if isinstance(value, Closed):
        raise LeakRefused(form="place in a page")
    return "" if value is None else value
