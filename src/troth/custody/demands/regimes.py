"""The clocks of jurisdictions, read once from their file, and which of them run for whom."""

from functools import lru_cache
from importlib.resources import files

from troth.rules.regimes import Regimes, parse
from troth.rules.standing import Standing
from troth.terms.agreement import Organisation
from troth.terms.vocabulary import Place


@lru_cache(maxsize=1)
def regimes() -> Regimes:
    """Return the rows that ship with this Troth."""
    return parse(files("troth.rules").joinpath("regimes.toml").read_text("utf-8"))


def regimes_of(organisation: Organisation, standing: Standing) -> tuple[str, ...]:
    """Return the regimes whose clocks run for a person: that of their home place, else every one.

    A regime is of a place when its name begins with the place's first or last word: `sg-pdpa` is of `SG`,
    `eu-gdpr` of whatever is in the `EEA`. Where none fits, all that the agreement names run, and the
    strictest counts.
    """
    home = standing.home
    mine = tuple(name for name in organisation.regimes if home is not None and _fits(name, home))
    return mine or organisation.regimes


def _fits(regime: str, home: Place) -> bool:
    words = home.upper().split(".")
    start = regime.partition("-")[0].upper()
    return start in words or (start == "EU" and words[0] in ("EEA", "EU"))
