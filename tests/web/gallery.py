"""One page with one of every part, in any language, theme and direction: to be tested and to be looked at.

`python -m tests.web.gallery DIRECTORY` writes it in three languages and two themes.
"""

import sys
from dataclasses import replace
from gettext import NullTranslations
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader

from troth.clock import DAY, instant
from troth.web import languages, pictures
from troth.web.languages import Reader
from troth.web.rendering import Frame, Link, Rendering

AT = instant("2026-03-03T14:05:00Z")
MENU = (
    ("home", "home", "Home"),
    ("my-data", "id", "My data"),
    ("seen", "eye", "Who saw my data"),
    ("choices", "adjustments-horizontal", "Choices"),
    ("verify", "fingerprint", "Verify identity"),
    ("requests", "file-text", "Requests"),
    ("copy", "download", "Copy and move"),
    ("goes", "clock", "When it goes"),
    ("places", "world", "Sharing and places"),
    ("agreement", "writing", "Agreement"),
    ("security", "lock", "Security"),
    ("messages", "mail", "Messages"),
    ("leave", "logout", "Leave"),
)
FRAME = Frame(
    title="Gallery",
    house="Example Exchange",
    here="/seen",
    menu=tuple(Link(f"/{path}", words, icon) for path, icon, words in MENU),
    help=(Link("/support", "Write to us"), Link("/agreement", "Read the agreement")),
    feet=(Link("/security.txt", "Report a weakness"),),
    csrf="token",
    preferences="/preferences",
    sign_out="/sign-out",
    usage="/usage",
    scripts=("camera.js", "passkey.js"),
)
RECORD = {
    "logtime": AT,
    "action": "",
    "about": "To answer you",
    "kind": "people",
    "receiver_name": "Customer service",
    "receiver_system": "helpdesk",
    "usage_period": "once",
    "on_behalf_of": "",
    "purpose": "answering you",
    "fields": ["your phone number", "your e-mail address"],
    "clause": ("2.6", "To answer you", "/agreement#2.6"),
    "case": "C-42",
    "allowed": True,
    "receipt": "1284",
    "proof": "/proof/1284",
    "ask": "/support?about=1284",
}
VALUES = {
    "at": AT,
    "words": ("kept", "at risk", "broken", "unproven", "attested"),
    "records": (
        RECORD,
        RECORD
        | {
            "kind": "machine",
            "receiver_name": "Payout",
            "allowed": False,
            "case": "",
            "about": "To pay you",
        },
        RECORD | {"kind": "authority", "receiver_name": "Court of Dublin", "on_behalf_of": "Police"},
    ),
}


COLUMN_WORDS = {
    "Kinds of data": "Account data, Identity data, Pictures of your document, Transactions, Bank accounts",
    "What for": "To answer you, To verify your identity, To complete transactions, To pay you, Legal duties",
    "Who gets it": "Customer service, Identity check company, Our exchange program, Banks",
}
COLUMNS = tuple(
    pictures.Column(
        head,
        tuple(pictures.Node(f"{'cpr'[place]}{n}", words) for n, words in enumerate(listed.split(", "))),
    )
    for place, (head, listed) in enumerate(COLUMN_WORDS.items())
)
FLOWS = (
    pictures.Flow("c0", "p0", 320),
    pictures.Flow("c3", "p0", 41),
    pictures.Flow("c1", "p1", 3),
    pictures.Flow("c2", "p1", 0),
    pictures.Flow("c3", "p2", 150),
    pictures.Flow("c4", "p3", 12),
    pictures.Flow("c1", "p3", 12),
    pictures.Flow("c3", "p4", 0),
    pictures.Flow("c0", "p4", 0),
    pictures.Flow("p0", "r0", 361),
    pictures.Flow("p1", "r1", 3),
    pictures.Flow("p2", "r2", 150),
    pictures.Flow("p3", "r3", 24),
    pictures.Flow("p0", "r2", 9, declared=False),
)
KINDS = (
    pictures.Lane("people", "People of the organisation"),
    pictures.Lane("machine", "Programs"),
    pictures.Lane("supplier", "Suppliers"),
    pictures.Lane("authority", "Authorities"),
)


def drawn(*, rtl: bool) -> dict[str, object]:
    """Return one of every picture."""
    since = AT - 90 * DAY
    stretch = (AT - 50 * DAY, AT - 42 * DAY)
    times = (since + n * n * DAY // 30 % (90 * DAY) for n in range(60))
    marks = [
        pictures.Mark(at, ("people", "machine")[n % 2], ("read", "change")[n % 5 == 0])
        for n, at in enumerate(at for at in times if not stretch[0] <= at <= stretch[1])
    ]
    marks += [pictures.Mark(AT - n * 20 * DAY, "supplier", "disclose") for n in (1, 3)]
    year = 365 * DAY
    days: tuple[str | None, ...] = ("kept",) * 60
    broken = (*days, None, "broken")
    given = pictures.Turn(since + 5 * DAY, "given")
    return {
        "flows": pictures.flows(COLUMNS, FLOWS, rtl=rtl),
        "lanes": pictures.lanes(KINDS, marks, since=since, until=AT, gaps=(stretch,), rtl=rtl),
        "bars": pictures.bars(
            (
                pictures.Stay("Account data", None, AT + 20 * year, "30 days after you leave", clause="8.1"),
                pictures.Stay("Usage logs", AT + 30 * DAY, clause="8.9"),
                pictures.Stay("Transactions", AT + 7 * year, held=True, clause="8.5"),
                pictures.Stay("Pictures for the identity check", AT + 12 * DAY, AT + 180 * DAY, clause="8.3"),
                pictures.Stay("Account activity", AT + 300 * DAY, clause="8.7"),
            ),
            now=AT,
            rtl=rtl,
        ),
        "strip": pictures.strip(
            (
                pictures.Days(
                    "1.1", "When you open an account", "kept", AT - 40 * DAY, days, "/agreement#1.1"
                ),
                pictures.Days("2.4", "Bank accounts serve payments only", "broken", AT, broken),
                pictures.Days("3.2", "Who gets it", "at risk", AT, (*days, *("at risk",) * 9)),
                pictures.Days("6.2", "We know the effect of a change", "attested", AT, ("attested",) * 90),
                pictures.Days("8.1", "Account data", "unproven", None, ()),
            ),
            today=AT,
            rtl=rtl,
        ),
        "parcel": pictures.parcel(
            (
                pictures.Station("Received", "past", AT - 9 * DAY),
                pictures.Station("Verifying who you are", "past", AT - 8 * DAY),
                pictures.Station("Working", "now", AT - 2 * DAY, "due in 21 days"),
                pictures.Station("Deciding", "next"),
                pictures.Station("Done", "next"),
            ),
            rtl=rtl,
        ),
        "ended": pictures.parcel(
            (pictures.Station("Received", "past", AT - 9 * DAY), pictures.Station("Withdrawn", "ended", AT)),
            rtl=rtl,
        ),
        "steps": pictures.steps(
            (
                pictures.Course("To compare your pictures with your document", (given,)),
                pictures.Course("Promotions", (given, pictures.Turn(AT - 30 * DAY, "withdrawn"))),
                pictures.Course("A picture for your profile", ()),
            ),
            since=since,
            until=AT,
            rtl=rtl,
        ),
        "climb": pictures.climb(
            "0a" * 32,
            (pictures.Step("1b" * 32, "left", "2c" * 32), pictures.Step("3d" * 32, "right", "4e" * 32)),
            "4e" * 32,
        ),
    }


def gallery(
    frame: Frame = FRAME,
    words: type[NullTranslations] | None = None,
    rendering: Rendering | None = None,
    pictured: dict[str, object] | None = None,
) -> str:
    """Return the page; `words` replaces the messages of every language, `pictured` the pictures."""
    given = (lambda language: words()) if words else languages.translations
    rendering = rendering or Rendering(translations=given)
    inside = rendering._environment
    if not isinstance(inside.loader, ChoiceLoader):
        inside.loader = ChoiceLoader([inside.loader, FileSystemLoader(Path(__file__).parent)])
    rtl = languages.direction(frame.reader.language) == "rtl"
    return rendering.page("gallery.html", frame, **VALUES, drawn=pictured or drawn(rtl=rtl))


def main(place: str) -> None:
    """Write the pages."""
    rendering = Rendering()
    for language in languages.LANGUAGES:
        for theme in ("light", "dark"):
            frame = replace(FRAME, theme=theme, reader=Reader(language, "Asia/Singapore"))
            Path(place, f"{language}-{theme}.html").write_text(
                gallery(frame, rendering=rendering), encoding="utf-8"
            )


if __name__ == "__main__":
    main(sys.argv[1])
