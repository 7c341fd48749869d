"""What nobody expected to fail: told as such, with its number in the log, and with nothing else."""

import io
import json
import sys

import httpx
import pytest
from starlette.routing import Route

from tests.web.browsing import ORIGIN
from troth.web import logs
from troth.web.app import application

SECRET = "mia.luna@example.org"


async def broken(http):
    raise ValueError(f"a text about {SECRET}")


@pytest.fixture
def fails(portal):
    """Ask for a page that fails; returns the answer, and the lines of the log."""
    door = application(portal.hall)
    for path in ("/broken", "/api/v1/broken"):
        door._app.router.routes.insert(0, Route(path, broken, methods=["GET", "POST"]))
    transport = httpx.ASGITransport(app=door, client=("127.0.0.1", 50000))

    async def answer(method, path, headers):
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            return await client.request(
                method, path, headers=headers, content=b"x=1" if method == "POST" else b""
            )

    def ask(path, *, method="GET", **headers):
        out = io.StringIO()
        logs.write_to(out)
        found = portal.run(answer(method, path, headers))
        logs.write_to(sys.stderr)
        return found, [json.loads(line) for line in out.getvalue().splitlines()]

    return ask


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("language", "title"), [("en", "Something went wrong"), ("ja", "")])
def test_people_are_told_on_a_page_in_their_language(fails, method, language, title):
    answer, _ = fails("/broken", method=method, accept="text/html", **{"accept-language": language})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'lang="{language}"' in answer.text
    assert title in answer.text
    assert ("Something went wrong" in answer.text) is bool(title)
    assert answer.headers["x-request-id"] in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(("path", "accept"), [("/broken", "*/*"), ("/api/v1/broken", "text/html")])
def test_programs_are_told_in_a_problem_document(fails, path, accept):
    answer, _ = fails(path, accept=accept)
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (answer.status_code, said["status"], said["code"]) == (500, 500, "web.unexpected")
    assert answer.headers["x-request-id"] in said["detail"]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_what_failed_is_logged_by_its_place_and_told_to_nobody(fails, accept):
    answer, lines = fails("/broken", accept=accept)
    failure, request = (
        next(line for line in lines if line["event"] == event) for event in ("failure", "request")
    )
    assert (failure["id"], request["id"]) == (answer.headers["x-request-id"],) * 2
    assert failure["type"] == "ValueError"
    assert failure["within"][-1].startswith("test_unexpected.py:")
    assert request["status"] == 500
    said = answer.text + json.dumps(lines)
    assert SECRET not in said
    assert "ValueError" not in answer.text
