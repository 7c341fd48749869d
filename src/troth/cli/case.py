"""Requests of people: file one, see them, prove, decide and take one back, and go on with what is due."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from troth.cli.asking import (
    about,
    about_nobody,
    about_person,
    asker,
    by_someone,
    of_house,
    opened,
    reads_stdin,
)
from troth.cli.choices import values_of
from troth.cli.speaking import emit, say, table, wants_json
from troth.clock import iso

if TYPE_CHECKING:
    from troth.library import Troth
    from troth.rules.rights_cases import Deadline, RightsCase

REFERENCE = click.argument("reference")
_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_MOST = 65_536  # bytes of what somebody says


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
    from troth.acts.filing import naming

    return house.teller.alone(naming(reference))


@click.group()
def case() -> None:
    """File and follow what people demand of their rights; done is said only after it was read back."""


@case.command()
@click.argument("right")
@click.option("--category", default="", help="The category it is about.")
@click.option("--class", "classes", multiple=True, metavar="NAME", help="A retention class; repeatable.")
@click.option("--purpose", default="", help="The purpose it is about.")
@click.option("--channel", default="", help="The one way of reaching them that it is about.")
@click.option("--values-file", type=_FILE, help="The right values, to correct: one JSON object; - for stdin.")
@click.option("--text-file", type=_FILE, help="What they say, to complain or to object; - for stdin.")
@click.option("--dry-run", is_flag=True, help="Say under which clause it would go, and how; do nothing.")
@about_person
@by_someone
@of_house
def file(
    right: str,
    category: str,
    classes: tuple[str, ...],
    purpose: str,
    channel: str,
    values_file: Path | None,
    text_file: Path | None,
    *,
    dry_run: bool,
) -> None:
    """File a demand of RIGHT, and carry it out where nothing stands in the way.

    Filed by staff it waits until the person proved that it is them; a running server sends them a letter
    with a link for that.
    """
    piped = [str(each) for each in (values_file, text_file)].count("-") + reads_stdin()
    if piped > 1:
        raise click.UsageError("stdin brings one thing alone: read the others from files")
    person, by = about(), asker(or_self=True)
    said: dict[str, Any] = {
        "right": right, "category": category, "classes": classes, "purpose": purpose, "channel": channel,
        "values": values_of(values_file) if values_file else None,
        "text": _text(text_file) if text_file else "",
    }  # fmt: skip
    with opened() as house:
        if dry_run:
            _foretell(house, by=by, about=person, **said)
            return
        lodged = house.demand(about=person, by=by, **said)
        _show(lodged.case, lodged.due)


def _text(path: Path) -> str:
    with click.open_file(str(path), "rb") as source:
        raw = source.read(_MOST + 1)
    try:
        text: str = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise click.UsageError("what they say is not UTF-8") from None
    if len(raw) > _MOST or not text:
        raise click.UsageError("what they say is empty, or longer than 64 KiB")
    return text


def _foretell(house: "Troth", **said: Any) -> None:  # noqa: ANN401 - what a demand is made of
    from troth.acts.filing import demanding, foretelling
    from troth.errors import TrothError

    found = house.teller.alone(foretelling(demanding(**said)))
    if isinstance(found, TrothError):
        raise found
    if wants_json():
        emit({
            "right": said["right"], "clause": found.clause, "how": found.how, "needs": found.needs,
            "proven": found.proven, "systems": list(found.elsewhere),
        })  # fmt: skip
        return
    how = "somebody decides it first" if found.how == "review" else "it is carried out at once"
    proof = "" if found.proven else ", after a proof that it is them"
    say(f"clause {found.clause}: {how}{proof}; whoever asks must be {found.needs}")
    if found.elsewhere:
        say("to be done there too: " + ", ".join(found.elsewhere))


@case.command("list")
@click.option("--state", default="", help="Of everybody, in this state; else of the person that is named.")
@click.option("--right", default="", help="With --state: of one right; else of each that may be followed.")
@about_person
@by_someone
@of_house
def list_(state: str, right: str) -> None:
    """List demands: of one person, or of everybody in a state, the oldest first; 1,000 at most.

    The person sees their own; others see those of rights whose clauses name their role, and each look
    is remembered.
    """
    by = asker(or_self=not state)
    if state:
        about_nobody()
    person = "" if state else about()
    with opened() as house:
        some = (
            house.demands_in(state=state, right=right, by=by, limit=1_000)
            if state
            else house.demands(about=person, by=by)
        )
    if wants_json():
        emit({"cases": [_document(each, due) for each, due in some]})
        return
    rows = [(c.reference, c.right.value, c.state.value, iso(due.at) if due else "") for c, due in some]
    table(("reference", "right", "state", "due"), rows)


@case.command()
@REFERENCE
@by_someone
@of_house
def show(reference: str) -> None:
    """Show a demand: where it stands, what happened to it, and what came of it; the look is remembered."""
    by = asker(or_self=True)
    with opened() as house:
        _show(*house.demanded(reference=reference, by=by))


def _step(name: str, done: str) -> None:
    """Add the command that does one thing with a demand, in a way that takes its id and who asks."""

    @case.command(name, help=done)
    @REFERENCE
    @by_someone
    @of_house
    def step(reference: str) -> None:
        by = asker(or_self=True)
        with opened() as house:
            lodged = getattr(house, f"{name}_demand")(case=_id(house, reference), by=by)
            _show(lodged.case, lodged.due)


_step("prove", "Say that it is the person themself who demands; it is carried out then.")
_step("cancel", "Take a demand back, as long as nothing was begun.")


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
