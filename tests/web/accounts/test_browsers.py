"""A browser is called by two names that people know, and by nothing that changes with an update."""

import pytest

from troth.web.accounts.browsers import named

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "name", "system"),
    [
        ("", "", ""),
        ("nothing that is known", "", ""),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/150.0 Safari/537.36 Edg/150.0", "Edge", "Windows"),
        (f"Mozilla/5.0 (Macintosh; Intel) {WEBKIT} Chrome/150.0 Safari/537.36", "Chrome", "macOS"),
        (f"Mozilla/5.0 (Linux; Android 16) {WEBKIT} Chrome/150.0 Mobile Safari/537.36", "Chrome", "Android"),
        ("Mozilla/5.0 (iPhone; CPU) AppleWebKit/605 Version/18.0 Safari/604.1", "Safari", "iPhone"),
    ],
)
def test_it_is_called_by_its_name_and_its_system(said, name, system):
    assert named(said) == (name, system)
