"""What stands around every page of the portal, and how an error is told on one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from troth.errors import Broken, Refused, TrothError
from troth.web import mishaps
from troth.web.content import Content
from troth.web.hall import sign_in_of
from troth.web.rendering import Frame, Link

if TYPE_CHECKING:
    from troth.web.visit import Visit

MEMBER_MENU = (
    ("/home", "Home", "home"),
    ("/data", "My data", "user"),
    ("/give", "Give or add data", "plus"),
    ("/seen", "Who saw my data", "eye"),
    ("/choices", "Choices", "check"),
    ("/verification", "Verify identity", "id"),
    ("/support", "Talk to us", "message"),
    ("/requests", "Requests", "file-text"),
    ("/copy", "Copy and move", "download"),
    ("/when", "When it goes", "clock"),
    ("/places", "Sharing and places", "world"),
    ("/accepted", "Agreement", "file-text"),
    ("/security", "Security", "lock"),
    ("/messages", "Messages", "mail"),
    ("/leave", "Leave", "logout"),
)


def frame_of(visit: "Visit", title: str) -> Frame:
    """Return the frame of a page: the member's menu once somebody is signed in."""
    menu = MEMBER_MENU if visit.signed_in else ()
    return Frame(
        title=title,
        house=visit.hall.agreement.organisation.name,
        home="/home" if visit.signed_in else "/",
        here=visit.here,
        reader=visit.reader,
        offered=visit.hall.languages,
        theme=visit.theme,
        menu=tuple(Link(href, visit.words(words), icon) for href, words, icon in menu),
        help=(
            Link("/contact", visit.words("Ask us, or complain")),
            Link("/agreement", visit.words("The agreement, and whether it is kept")),
            Link("/agreement#verify", visit.words("How do we prove this?")),
        ),
        feet=(
            (Link("/security", visit.words("Security")),)
            if visit.signed_in
            else (Link("/sign-in", visit.words("Sign in")), Link("/register", visit.words("Register")))
        ),
        zone="/look",
        csrf="" if visit.public else visit.csrf(),
        preferences="" if visit.public else "/look",  # languages are links where there is no cookie
        sign_out="/sign-out" if visit.signed_in else "",
        usage="/usage" if visit.signed_in and not visit.gpc and _is_logged(visit) else "",
    )


def _is_logged(visit: "Visit") -> bool:
    """Whether the agreement has a log of the pages that members open."""
    rule = sign_in_of(visit.hall.house)
    return rule is not None and rule.usage is not None


@dataclass(frozen=True, slots=True)
class Told:
    """An error as a page tells it."""

    status: int
    sentences: tuple[str, ...]
    clauses: tuple[tuple[str, str, str], ...]  # number, title, address
    fix: str
    allowed: tuple[str, ...]
    entry: int | None
    refused: bool
    language: str = ""  # of the clauses


def told(visit: "Visit", problem: TrothError, status: int) -> Told:
    """Return what a page says of an error; of what is broken nothing but that it is."""
    if isinstance(problem, Broken) or status == 500:
        return Told(status, (visit.words("Something is not as it was left. Nothing was shown or changed."),),
                    (), visit.words("Try again later, or write to us."), (), None, refused=False)  # fmt: skip
    if not isinstance(problem, Refused):
        sentence, way = mishaps.told(visit, problem)
        return Told(status, (sentence,), (), way, (), None, refused=False)
    pairs = zip(problem.codes, problem.words, strict=True)
    reasons = [mishaps.reason(visit, code, word) for code, word in pairs]
    sentences = tuple(dict.fromkeys(sentence for sentence, _way in reasons))
    clauses = tuple(cited(visit, each) for each in problem.clauses)
    way = reasons[0][1] if reasons else ""
    return Told(status, sentences, clauses, way, problem.allowed, problem.entry,
                refused=True, language=visit.hall.agreement.language)  # fmt: skip


def title_of(visit: "Visit", problem: TrothError, status: int) -> str:
    """Return what the page of an error is called."""
    if status == 404:
        return visit.words("There is nothing here")
    return visit.words("Refused") if isinstance(problem, Refused) else visit.words("Not done")


def cited(visit: "Visit", clause_id: str) -> tuple[str, str, str]:
    """Return (number, title, address) of a clause of the agreement in force."""
    clause = visit.hall.agreement.clause(clause_id)
    if clause is None:
        return clause_id, clause_id, "/agreement"
    title = Content(clause.title, visit.hall.agreement.language)
    return clause.number, title, f"/agreement#{quote(clause.id)}"
