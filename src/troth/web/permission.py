"""Who may come to a route at all; what they may do there the agreement decides, in custody.

Every route declares one of these, and the application refuses to start with a route that does not.
"""

from enum import StrEnum


class Permission(StrEnum):
    """Closed list; a test compares every route's with what it answers to others."""

    PUBLIC = "public"  # everybody; nothing about a person is read, no cookie is set
    VISITOR = "visitor"  # everybody; a browser that may be given a cookie
    MEMBER = "member"  # somebody who is signed in
    AGENT = "agent"  # somebody who demands rights for others: by a signature, or a token of theirs
    PROGRAM = "program"  # a program with a service key
