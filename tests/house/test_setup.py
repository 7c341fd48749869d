"""Setting up says what is missing, and what to do, before it makes anything."""

import shutil
import subprocess

import pytest

from tests.house.source import ROOT

TOOLS = ("dirname", "grep", "touch")
VERSIONS = {"old": (1, "Python 3.9.2"), "new": (0, "Python 3.11.7")}


def script(path, *lines):
    path.write_text("\n".join(["#!/bin/sh", *lines]) + "\n", encoding="utf-8")
    path.chmod(0o700)


@pytest.fixture
def machine(tmp_path):
    """A machine that has a shell and no more than a test puts on it; nothing of it is real."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "project" / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts/setup.sh", tmp_path / "project/scripts")
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    return tmp_path


def has_python(machine, which, *, venv=False):
    """Put a python3 there: of an old or a new version, with the venv module or without."""
    recent, version = VERSIONS[which]
    script(
        machine / "bin/python3",
        'case "$*" in',
        f'  --version) echo "{version}";;',
        f"  *sys.version_info\\ \\<*) exit {recent};;",
        f"  *ensurepip*) exit {int(not venv)};;",
        '  *print*) echo "3.11";;',
        f'  *) echo "$*" >> {machine}/asked; exit 9;;',
        "esac",
    )


def set_up(machine):
    return subprocess.run(
        ["/bin/sh", machine / "project/scripts/setup.sh"],
        env={"PATH": str(machine / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def must_stop(machine, *words):
    done = set_up(machine)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("setup: ")
    for word in words:
        assert word in done.stderr
    assert not (machine / "project/.venv").exists()


def test_without_python_it_says_which_is_needed(machine):
    must_stop(machine, "Python 3.11 or later", "make setup PYTHON=")


def test_with_an_old_python_it_says_which_it_found_and_how_to_name_another(machine):
    has_python(machine, "old")
    must_stop(machine, "Python 3.11 or later", "found: Python 3.9.2", "make setup PYTHON=")


def test_without_the_venv_module_it_names_the_package_of_the_system(machine):
    has_python(machine, "new")
    must_stop(machine, "no venv module", "python3.11-venv", "then run make again")


def test_where_it_may_not_install_packages_it_says_what_to_run(machine):
    has_python(machine, "new")
    script(machine / "bin/apt-get", f"echo touched >> {machine}/apt")
    script(machine / "bin/id", "echo 1000")
    script(machine / "bin/sudo", "exit 1")
    must_stop(machine, "needs root", "sudo apt-get install python3.11-venv", "then run make again")
    assert not (machine / "apt").exists()


@pytest.mark.parametrize("who", ["root", "with sudo"])
def test_where_it_may_it_installs_the_package_itself_and_says_so(machine, who):
    has_python(machine, "new")
    script(machine / "bin/apt-get", f'echo "$*" >> {machine}/apt')
    script(machine / "bin/id", "echo 0" if who == "root" else "echo 1000")
    script(machine / "bin/sudo", 'test "$1" = -n && shift', '"$@"')
    script(machine / "bin/true")

    done = set_up(machine)

    assert "installing the system package python3.11-venv" in done.stderr
    asked = (machine / "apt").read_text(encoding="utf-8").splitlines()
    assert asked[0].startswith("update")
    assert asked[1].endswith("python3.11-venv")
    assert done.returncode == 9  # its python made no environment
    assert (machine / "asked").read_text(encoding="utf-8") == "-m venv --clear .venv\n"


def test_packages_are_installed_by_their_hashes_and_from_no_address_of_its_own():
    lines = (ROOT / "scripts/setup.sh").read_text(encoding="utf-8").splitlines()
    installing = [line.strip() for line in lines if line.strip().startswith("pip install")]
    assert installing
    for line in installing:
        assert "--no-deps" in line
        assert "--require-hashes" in line or line.endswith("-e .")
    assert not [line for line in lines if "://" in line or "index-url" in line]
