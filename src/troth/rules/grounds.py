"""The grounds on which a demand is refused, or is given more time: closed lists, as the laws name them.

Whoever decides gives a code of these and nothing else: what stands in the ledger, on pages and in receipts
can then hold no word about anybody.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Ground(StrEnum):
    """Why somebody refuses a demand, or takes more time for it."""

    UNFOUNDED = "unfounded"
    EXCESSIVE = "excessive"
    NOT_IDENTIFIED = "not-identified"
    OTHERS = "rights-of-others"
    LEGAL_DUTY = "legal-duty"
    LEGAL_CLAIMS = "legal-claims"
    PUBLIC_INTEREST = "public-interest"
    EXPRESSION = "free-expression"
    COMPELLING = "compelling-grounds"
    ACCURATE = "accurate"
    NOTHING_HELD = "nothing-held"
    ANSWERED = "answered"
    COMPLEX = "complex"
    MANY = "many"


LAWS: Mapping[Ground, str] = MappingProxyType(
    {
        Ground.UNFOUNDED: "GDPR Art. 12(5)",
        Ground.EXCESSIVE: "GDPR Art. 12(5)",
        Ground.NOT_IDENTIFIED: "GDPR Art. 11(2), 12(2)",
        Ground.OTHERS: "GDPR Art. 15(4), 20(4)",
        Ground.LEGAL_DUTY: "GDPR Art. 17(3)(b)",
        Ground.LEGAL_CLAIMS: "GDPR Art. 17(3)(e), 21(1)",
        Ground.PUBLIC_INTEREST: "GDPR Art. 17(3)(c), 17(3)(d), 20(3)",
        Ground.EXPRESSION: "GDPR Art. 17(3)(a)",
        Ground.COMPELLING: "GDPR Art. 21(1)",
        Ground.ACCURATE: "GDPR Art. 5(1)(d), 16",
        Ground.NOTHING_HELD: "GDPR Art. 15(1)",
        Ground.ANSWERED: "",
        Ground.COMPLEX: "GDPR Art. 12(3)",
        Ground.MANY: "GDPR Art. 12(3)",
    }
)
"""What each rests on; other regimes word the same grounds alike. Nothing for what rests on no law."""

EXTENDING = frozenset({Ground.COMPLEX, Ground.MANY})
REFUSING = frozenset(Ground) - EXTENDING
