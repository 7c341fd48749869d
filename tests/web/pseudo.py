"""A language that nobody speaks: every text longer, marked at both ends, in letters like the real ones.

A page in it shows at a glance what was not translated, and what breaks when words are long.
"""

import re
from gettext import NullTranslations

_LETTERS = str.maketrans("aeiouAEIOUcnsy", "àéîöûÀÉÎÖÛçñšÿ")
_PLACEHOLDER = re.compile(r"(%\(\w+\)[sd]|%%)")


class Pseudo(NullTranslations):
    """Messages that are their own source, changed so that one sees it."""

    def gettext(self, message: str) -> str:
        parts = _PLACEHOLDER.split(message)
        spoken = "".join(part if _PLACEHOLDER.match(part) else part.translate(_LETTERS) for part in parts)
        return f"⟦{spoken}{' ~' * (1 + len(message) // 5)}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)
