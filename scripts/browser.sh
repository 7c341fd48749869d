#!/bin/sh
# Sees to it that there is a Chromium for the browser tests, and letters for every language of the pages:
# the system's own; nothing brings another.
set -eu

say() { printf 'browser: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

works() { "$1" --version >/dev/null 2>&1; }

writes() { command -v fc-list >/dev/null && [ -n "$(fc-list ":lang=$1")" ]; }

missing=""
found=""
for candidate in ${TROTH_CHROMIUM:-chromium chromium-browser google-chrome}; do
    if works "$candidate"; then found="$candidate"; break; fi
done
[ -n "$found" ] || missing="chromium"
writes en && writes ar || missing="$missing fontconfig fonts-dejavu-core"
writes ja || missing="$missing fontconfig fonts-ipafont-gothic"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    stop "missing:$missing. Install them from your system, or name a browser: TROTH_CHROMIUM=/path/to/chromium make test"
elif [ "$(id -u)" -eq 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    stop "missing, and installing needs root. Run: sudo apt-get install $missing   then run make again"
fi
say "installing system packages (once): $missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086 # they are several words
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
if [ -z "$found" ]; then
    works chromium || stop "chromium was installed and does not start"
fi
writes ja || stop "letters of Japanese were installed and are not found"
