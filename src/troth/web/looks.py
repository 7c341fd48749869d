"""How pages look in one browser: language, theme and time zone, as a cookie keeps what was chosen."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from troth.web.languages import known_zone

SYSTEM = "system"  # the theme that follows what the reader's own system shows


@dataclass(frozen=True, slots=True)
class Look:
    """What was chosen; empty where nothing was."""

    language: str = ""
    theme: str = ""
    zone: str = ""

    @classmethod
    def read(cls, said: str) -> "Look":
        """Return the look that a cookie keeps; whether its language is offered is asked where it is used."""
        language, _, rest = said.partition("|")
        theme, _, zone = rest.partition("|")
        return cls(language, theme if theme in ("light", "dark") else "", zone if known_zone(zone) else "")

    def with_chosen(self, form: Mapping[str, str], among: Collection[str]) -> "Look":
        """Return it with what a form chooses; a language is one `among` those offered."""
        language, theme, zone = form.get("language", ""), form.get("theme", ""), form.get("zone", "")
        new = self
        if language in among:
            new = replace(new, language=language)
        if theme in ("light", "dark", SYSTEM):
            new = replace(new, theme=theme.removeprefix(SYSTEM))
        return replace(new, zone=zone) if known_zone(zone) else new

    def __str__(self) -> str:
        return f"{self.language}|{self.theme}|{self.zone}"
