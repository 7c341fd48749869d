"""What is answered when something failed that nobody expected: that it did, and its number in the log.

The door logs where it arose. The number is that of the request, which stands in its header as well.
"""

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from troth.web.frames import Told
from troth.web.pages import visit_of
from troth.web.permission import Permission
from troth.web.problems import plain, wants_page


async def unexpected(http: HttpRequest, problem: Exception) -> Response:
    """Return a page, or a problem document for whoever takes no page, that tells nothing of what failed."""
    _ = problem
    number = str(http.scope["troth.id"])
    if not wants_page(http) or http.url.path.startswith("/api/"):
        return plain(500, "web.unexpected", f"something went wrong; it was noted as {number}")
    visit = visit_of(http, Permission.PUBLIC)
    words = visit.words
    said = words("Something went wrong here, and we do not know yet what. It was noted as %(number)s.")
    ways = words("Look whether it was done before you do it again; or write to us and name that number.")
    told = Told(500, (said % {"number": number},), (), ways, (), None, refused=False)
    return visit.page("problem.html", words("Something went wrong"), 500, problem=told)
