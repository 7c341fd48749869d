"""Requests of people: file one, see them, prove, decide and take one back, and go on with what is due."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from troth.cli.asking import (
    DRY,
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
from troth.cli.speaking import emit, progress, say, table, wants_json
from troth.clock import iso

if TYPE_CHECKING:
    from troth.custody.demands.filing import Advance
    from troth.custody.demands.foretelling import Ahead
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
        with _carrying_out():
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
            "dry_run": True, "right": said["right"], "clause": found.clause, "how": found.how,
            "needs": found.needs, "proven": found.proven, "systems": list(found.elsewhere),
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


def _carrying_out() -> AbstractContextManager[Callable[[int], None]]:
    return progress("carrying out", None)


def _go(house: "Troth", job: "Advance", *, dry_run: bool) -> None:
    """Take one step with a demand, and carry it out where nothing stands in the way; or foretell it."""
    from troth.acts.filing import carry_out, foreseeing
    from troth.errors import TrothError

    if not dry_run:
        with _carrying_out():
            lodged = carry_out(house.teller, house.teller.ask(job))
        _show(lodged.case, lodged.due)
        return
    found = house.teller.alone(foreseeing(job))
    if isinstance(found, TrothError):
        raise found
    _show_ahead(found)


def _show_ahead(found: "Ahead") -> None:
    """Show how a demand would stand after a step, and what would be carried out of it."""
    stays = [{"class": s.kept, "until": iso(s.until), "clause": s.clause, "why": s.why} for s in found.stays]
    if wants_json():
        emit({
            **_document(found.case, found.due), "dry_run": True, "carried_out": found.carried_out,
            "goes": list(found.goes), "stays": stays, "refused": list(found.codes),
            "elsewhere": list(found.elsewhere),
        })  # fmt: skip
        return
    _show(found.case, found.due)
    if found.codes:
        say("it would be refused then: " + " ".join(found.codes))
    elif found.carried_out:
        say("it would be carried out at once")
    if found.goes:
        say("would be erased: " + ", ".join(found.goes))
    for stay in stays:
        say(f"would stay: {stay['class']} until {stay['until']}, because of clause {stay['clause']}")
    if found.elsewhere:
        say("to be done there too: " + ", ".join(found.elsewhere))
    say("nothing was done")


@case.command()
@REFERENCE
@DRY
@by_someone
@of_house
def prove(reference: str, *, dry_run: bool) -> None:
    """Say that it is the person themself who demands; it is carried out then."""
    from troth.acts.filing import proving

    by = asker(or_self=True)
    with opened() as house:
        _go(house, proving(by=by, case=_id(house, reference)), dry_run=dry_run)


@case.command()
@REFERENCE
@DRY
@by_someone
@of_house
def cancel(reference: str, *, dry_run: bool) -> None:
    """Take a demand back, as long as nothing was begun."""
    from troth.acts.filing import cancelling

    by = asker(or_self=True)
    with opened() as house:
        _go(house, cancelling(by=by, case=_id(house, reference)), dry_run=dry_run)


@case.command()
@REFERENCE
@click.argument("decision", type=click.Choice(("ask", "review", "grant", "refuse", "extend")))
@click.option(
    "--reason", "reasons", multiple=True, metavar="CODE", help="Why; needed to refuse and to extend."
)
@DRY
@by_someone
@of_house
def decide(reference: str, decision: str, reasons: tuple[str, ...], *, dry_run: bool) -> None:
    """Decide a demand, or a step towards it, in the role that its clause names."""
    from troth.acts.filing import deciding

    by = asker()
    with opened() as house:
        job = deciding(by=by, case=_id(house, reference), decision=decision, reasons=reasons)
        _go(house, job, dry_run=dry_run)


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
@DRY
@of_house
def run(*, dry_run: bool) -> None:
    """Go on with every demand that is due; may be cut off anywhere and run again."""
    from dataclasses import asdict

    from troth.custody.demands.demands_due import foresee_due, run_due
    from troth.custody.rehearsing import rehearsed

    with opened() as house:
        if dry_run:
            ran, elsewhere = house.teller.alone(rehearsed(foresee_due))
        else:
            with progress("going on", None) as bar:
                ran, elsewhere = run_due(house.teller, progress=bar), 0
    if wants_json():
        emit({**asdict(ran), **({"dry_run": True, "elsewhere": elsewhere} if dry_run else {})})
        return
    if dry_run:
        say(f"nothing was done; {elsewhere} more would wait for what other systems answer; a run would have:")
    say(f"ended {ran.ended}, still open {ran.open}, escalated {ran.escalated}, forgotten {ran.removed}")
