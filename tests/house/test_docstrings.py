"""A module opens with one sentence that states its job."""

import ast

from tests.house.source import assert_none, trees


def sentences() -> list[tuple[str, str]]:
    return [
        (path, (ast.get_docstring(tree) or "").split("\n\n")[0]) for path, tree in trees("src", "scripts")
    ]


def test_every_module_states_its_job_in_one_line():
    unstated = [
        f"{path}: {sentence!r}"
        for path, sentence in sentences()
        if "\n" in sentence or not sentence.endswith((".", "?")) or not sentence[0].isupper()
    ]
    assert_none(unstated)


def test_no_two_modules_have_the_same_job():
    jobs = [sentence for _, sentence in sentences()]
    assert_none(job for job in set(jobs) if jobs.count(job) > 1)
