"""Requests of people: file one, see them, prove, decide and take one back, and go on with what is due."""

from typing import TYPE_CHECKING, Any

import click

from troth.cli.asking import about, about_person, asker, by_someone, of_house, opened
from troth.cli.speaking import emit, say, table, wants_json
from troth.clock import iso

if TYPE_CHECKING:
    from troth.library import Troth
    from troth.rules.rights_cases import Deadline, RightsCase

REFERENCE = click.argument("reference")


def _document(case: "RightsCase", due: "Deadline | None") -> dict[str, Any]:
    scope = {
        "category": case.scope.category or "", "classes": list(case.scope.classes),
        "purpose": case.scope.purpose or "", "channel": case.scope.channel,
    }  # fmt: skip
    events = [
        {"at": iso(one.at), "event": one.event.value, "by": one.by, "codes": list(one.codes)}
        for one in case.events
    ]
    ends = (
        None
        if due is None
        else {"at": iso(due.at), "regime": due.regime, "law": due.law, "paused": due.paused}
    )
    return {
        "reference": case.reference, "right": case.right.value, "state": case.state.value, "scope": scope,
        "filed_at": iso(case.filed_at), "due": ends, "proven": case.proven, "needs": case.needs,
        "events": events, "outcome": dict(case.outcome),
    }  # fmt: skip


def _show(case: "RightsCase", due: "Deadline | None") -> None:
    if wants_json():
        emit(_document(case, due))
        return
    say(
        f"{case.reference}: {case.right}, {case.state}"
        + (f", due {iso(due.at)} ({due.regime})" if due else "")
    )
    rows = [(iso(one.at), one.event.value, one.by, " ".join(one.codes)) for one in case.events]
    table(("when", "what", "by", "codes"), rows)


def _id(house: "Troth", reference: str) -> bytes:
    return house.demanded(reference=reference)[0].id


@click.group()
def case() -> None:
    """File and follow what people demand of their rights; done is said only after it was read back."""


@case.command()
@click.argument("right")
@click.option("--category", default="", help="The category it is about.")
@click.option("--class", "classes", multiple=True, metavar="NAME", help="A retention class; repeatable.")
@click.option("--purpose", default="", help="The purpose it is about.")
@click.option("--channel", default="", help="The one way of reaching them that it is about.")
@click.option("--dry-run", is_flag=True, help="Say under which clause it would go, and how; do nothing.")
@about_person
@by_someone
@of_house
def file(
    right: str, category: str, classes: tuple[str, ...], purpose: str, channel: str, *, dry_run: bool
) -> None:
    """File a demand of RIGHT, and carry it out where nothing stands in the way.

    Filed by staff it waits until the person proved that it is them.
    """
    from troth.acts.filing import demanding
    from troth.errors import NothingThere
    from troth.rules.rights_cases import rule_of
    from troth.terms.vocabulary import RightName

    person, by = about(), asker(or_self=True)
    said: dict[str, Any] = {
        "right": right, "category": category, "classes": classes, "purpose": purpose, "channel": channel,
    }  # fmt: skip
    with opened() as house:
        if not dry_run:
            lodged = house.demand(about=person, by=by, **said)
            _show(lodged.case, lodged.due)
            return
        job = demanding(by=by, about=person, **said)
        found = rule_of(house.teller.house.book, RightName(right), job.scope)
        if found is None:
            raise NothingThere
        clause, rule = found
        if wants_json():
            emit({"right": right, "clause": clause, "how": rule.how, "needs": rule.assurance})
        else:
            how = "somebody decides it first" if rule.how == "review" else "it is carried out at once"
            say(f"clause {clause}: {how}; whoever asks must be {rule.assurance}")


@case.command("list")
@click.option("--state", default="", help="Of everybody, in this state; else of the person that is named.")
@about_person
@of_house
def list_(state: str) -> None:
    """List demands: of one person, or of everybody in a state, the oldest first."""
    from troth.acts.filing import waiting

    person = "" if state else about()
    with opened() as house:
        some = house.teller.alone(waiting(state)) if state else house.demands(about=person)
    if wants_json():
        emit({"cases": [_document(each, due) for each, due in some]})
        return
    rows = [(c.reference, c.right.value, c.state.value, iso(due.at) if due else "") for c, due in some]
    table(("reference", "right", "state", "due"), rows)


@case.command()
@REFERENCE
@of_house
def show(reference: str) -> None:
    """Show a demand: where it stands, what happened to it, and what came of it."""
    with opened() as house:
        _show(*house.demanded(reference=reference))


@case.command()
@REFERENCE
@by_someone
@of_house
def prove(reference: str) -> None:
    """Say that it is the person themself who demands; it is carried out then."""
    by = asker(or_self=True)
    with opened() as house:
        lodged = house.prove_demand(case=_id(house, reference), by=by)
        _show(lodged.case, lodged.due)


@case.command()
@REFERENCE
@click.argument("decision", type=click.Choice(("ask", "review", "grant", "refuse", "extend")))
@click.option(
    "--reason", "reasons", multiple=True, metavar="CODE", help="Why; needed to refuse and to extend."
)
@by_someone
@of_house
def decide(reference: str, decision: str, reasons: tuple[str, ...]) -> None:
    """Decide a demand, or a step towards it, in the role that its clause names."""
    by = asker()
    with opened() as house:
        lodged = house.decide_demand(case=_id(house, reference), decision=decision, by=by, reasons=reasons)
        _show(lodged.case, lodged.due)


@case.command()
@REFERENCE
@by_someone
@of_house
def read(reference: str) -> None:
    """Read what the person told with a demand, in a role that may decide it; they see that you did."""
    by = asker()
    with opened() as house:
        heard = house.hear_demand(case=_id(house, reference), by=by)
        told = {str(name): value.reveal() for name, value in heard.values.items()}
        text = heard.text.reveal() if heard.text is not None else ""
    if wants_json():
        emit({"reference": reference, "text": text, "values": told, "entry": heard.receipt.entry})
        return
    for name, value in told.items():
        say(f"{name}: {value}")
    say(text or ("" if told else "nothing was told with it, or it has ended"))


@case.command()
@REFERENCE
@by_someone
@of_house
def cancel(reference: str) -> None:
    """Take a demand back, as long as nothing was begun."""
    by = asker(or_self=True)
    with opened() as house:
        lodged = house.cancel_demand(case=_id(house, reference), by=by)
        _show(lodged.case, lodged.due)


@case.command()
@of_house
def run() -> None:
    """Go on with every demand that is due; may be cut off anywhere and run again."""
    from dataclasses import asdict

    from troth.custody.demands.demands_due import run_due

    with opened() as house:
        ran = run_due(house.teller)
    if wants_json():
        emit(asdict(ran))
    else:
        say(f"ended {ran.ended}, still open {ran.open}, escalated {ran.escalated}, forgotten {ran.removed}")
