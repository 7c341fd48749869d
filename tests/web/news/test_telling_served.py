"""A server of its own tells by itself, and what it had answered before it was killed is told by the next."""

from email import message_from_bytes, policy

import troth
from tests.gates.counterparts import Office, mail_server, soon
from tests.houses import MEMBER_TEXT
from tests.inside import rows_of
from tests.web.browsing import Browser
from tests.web.serving import serving
from tests.web.test_running import Far, registered
from troth.store import schema_rights

MIA = "mia@example.org"
PATH = "/requests/without-account"


def letters(office):
    return [message_from_bytes(each.content, policy=policy.default) for each in office.letters]


def asks_for_proof(office):
    return any("/requests/proof/" in each.get_content() for each in letters(office))


def test_what_was_answered_before_a_server_was_killed_is_filed_and_its_letter_sent(tmp_path):
    directory = tmp_path / "house"
    troth.init(directory, MEMBER_TEXT).close()
    office = Office()
    with mail_server(office) as port:
        with (directory / "troth.toml").open("a") as settings:
            mail = f'host = "127.0.0.1"\nport = {port}\ntls = "none"\nfrom = "a@example.org"'
            settings.write(f"\n[mail]\n{mail}\n")
        with serving(directory) as server:
            registered(server, office)
            stranger = Browser(Far(server, office))
            form = stranger.get(PATH).form(PATH)
            answered = stranger.send(form, right="erase", identifier=MIA)
            assert answered.status == 200
            server.kill()
        with serving(directory) as server:
            # A letter that was being sent when it was killed goes again after a minute.
            assert soon(lambda: asks_for_proof(office), within=90)
            server.stop()
    with troth.open(directory) as house:
        (row,) = rows_of(house, schema_rights.rights_cases)
        assert (row.named, row.state) == ("erase", "verifying")
        assert rows_of(house, schema_rights.askings) == []
