#!/bin/sh
# Builds .venv: the environment of `make setup`, from nothing but python3. Run it again at any time.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if recent "$candidate"; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
    found=$(${PYTHON:-python3} --version 2>&1 || true)
    stop "Troth needs Python 3.11 or later, and found: ${found:-none}. Install one, or name it: make setup PYTHON=/path/to/python3"
fi

# Debian ships the venv module in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if ! command -v apt-get >/dev/null; then
        stop "$python has no venv module. Install the system's package for it (on Debian: $package), then run make again"
    elif [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        stop "$python has no venv module, and installing it needs root. Run: sudo apt-get install $package   then run make again"
    fi
    say "installing the system package $package"
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$package" >/dev/null
fi

# A copied or half-made environment is made anew; one that works is kept.
if ! recent .venv/bin/python || ! .venv/bin/pip --version 2>/dev/null | grep -qF "$PWD/.venv/"; then
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

say "installing the pinned packages (the first time takes a minute)"
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }
pip install --quiet --require-hashes --no-deps -r requirements/dev.txt
pip install --quiet --no-deps --no-build-isolation -e .
touch .venv/ready
say "ready: .venv/bin/troth"
