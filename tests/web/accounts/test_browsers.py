"""A browser is called by two names that people know, and by nothing that changes with an update."""

import pytest

from troth.web.accounts.browsers import known_by, named

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


def test_an_update_is_no_stranger_and_a_nameless_one_is_known_by_all_it_says():
    one, two = "Mozilla/5.0 (X11; Linux) Firefox/140.0", "Mozilla/5.0 (X11; Linux) Firefox/141.0"

    assert known_by(one) == known_by(two)
    assert known_by("a") != known_by("b")
