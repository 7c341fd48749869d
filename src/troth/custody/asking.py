"""What custody asks of a request beside its decision: its act, what it implies, what else refuses it."""

from troth.errors import WrongAct
from troth.rules.decision import Act, Reason, Refusal, Request, Why


def of_act(request: Request, *acts: Act) -> None:
    """Raise `WrongAct` unless a request is of one of these acts."""
    if request.act not in acts:
        raise WrongAct(act=str(request.act))


def refusal_of(why: Why, *clauses: str, word: str = "") -> Refusal:
    """Return a refusal for one reason that deciding alone could not see."""
    return Refusal((Reason(why, clauses, word),), clauses)  # type: ignore[arg-type]


def joining(act: Request) -> Request:
    """Return the request to join that a first collection implies."""
    return Request(Act.JOIN, act.by, circumstance=act.circumstance, known=False)
