"""Trust agents who demand rights for other people (Data Rights Protocol), and print our own entry."""

import click

from troth.cli.asking import directory, of_house, opened
from troth.cli.speaking import emit, say, shown, table, until, wants_json
from troth.clock import iso


@click.group()
def agent() -> None:
    """Register, list and end agents of the Data Rights Protocol 1.0; print our entry of its directory."""


@agent.command()
@click.argument("agent_id", metavar="ID")
@click.option("--name", required=True, help="What people know the agent by.")
@click.option(
    "--key", required=True, metavar="BASE64", help="Its verify key (Ed25519), as its directory says."
)
@click.option(
    "--redirect", "redirects", multiple=True, metavar="URL",
    help="A page of the agent where people go on after their proof; may be given several times.",
)  # fmt: skip
@of_house
def add(agent_id: str, name: str, key: str, redirects: tuple[str, ...]) -> None:
    """Register an agent under its ID of the directory."""
    from troth.acts.agents import add_agent

    with opened() as house:
        made = add_agent(house.teller, agent=agent_id, name=name, key=key, redirects=redirects)
    if wants_json():
        emit({"agent": made.id, "name": made.name, "redirects": list(made.redirects)})
        return
    say(shown(f"registered {made.id}; it sets up its token itself"))


@agent.command()
@click.argument("agent_id", metavar="ID")
@of_house
def end(agent_id: str) -> None:
    """End the trust in an agent: its signatures and tokens count no more, at once."""
    from troth.acts.agents import end_agent

    with opened() as house:
        ended = end_agent(house.teller, agent=agent_id)
    if wants_json():
        emit({"ended": ended.id})
        return
    say(shown(f"ended {ended.id}"))


@agent.command("list")
@of_house
def list_() -> None:
    """List every agent that was registered."""
    from troth.acts.agents import agents_of

    with opened() as house:
        found = agents_of(house.teller)
    if wants_json():
        emit({"agents": [
            {"agent": a.id, "name": a.name, "redirects": list(a.redirects), "token": bool(a.token),
             "made_at": iso(a.made_at), "ended_at": iso(a.ended_at) if a.ended_at else None}
            for a in found
        ]})  # fmt: skip
        return
    rows = [
        (a.id, a.name, "yes" if a.token else "no", f"ended {until(a.ended_at)}" if a.ended_at else "")
        for a in found
    ]
    table(("id", "name", "token", ""), rows)


@agent.command("directory")
@of_house
def directory_() -> None:
    """Print our entry of the protocol's directory, as JSON; `[server]` needs `url` and `drp_business`."""
    from troth.errors import BadSettings
    from troth.settings import SETTINGS, read_settings

    settings = read_settings(directory())
    server = settings.server
    if server is None or not server.url or not server.drp_business:
        where = str(directory() / SETTINGS)
        raise BadSettings(path=where, problem="`[server]` lacks `url` or `drp_business`")
    with opened() as house:
        organisation = house.agreement.organisation
    emit({
        "id": server.drp_business,
        "name": organisation.name,
        "api_base": f"{server.url}/drp",
        "supported_actions": [
            "sale:opt-out", "deletion", "access", "access:categories", "access:specific",
        ],
        "supported_verifications": ["email", "phone"] if settings.sms else ["email"],
        "privacy_policy_url": f"{server.url}/agreement",
        "web_url": server.url,
        "technical_contact": organisation.contact,
        "business_contact": organisation.contact,
    })  # fmt: skip
