#!/bin/sh
# Sees to it that there is a Chromium for the browser tests: the system's own; nothing brings another.
set -eu

say() { printf 'browser: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

works() { "$1" --version >/dev/null 2>&1; }

for candidate in ${TROTH_CHROMIUM:-chromium chromium-browser google-chrome}; do
    if works "$candidate"; then exit 0; fi
done
if ! command -v apt-get >/dev/null; then
    stop "there is no Chromium. Install the system's, or name one: TROTH_CHROMIUM=/path/to/chromium make test"
elif [ "$(id -u)" -eq 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    stop "there is no Chromium, and installing it needs root. Run: sudo apt-get install chromium   then run make again"
fi
say "installing the system package chromium (once)"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
works chromium || stop "chromium was installed and does not start"
