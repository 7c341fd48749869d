#!/bin/sh
# Sees to it that there is a MariaDB server for the tests of other systems: the system's own, started by them.
set -eu

say() { printf 'systems: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

PATH="$PATH:/usr/sbin:/usr/local/sbin"
there() { command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null; }

there && exit 0

if ! command -v apt-get >/dev/null; then
    stop "missing: mariadbd. Install the MariaDB server from your system, then run make again"
elif [ "$(id -u)" -eq 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    stop "missing, and installing needs root. Run: sudo apt-get install mariadb-server   then run make again"
fi
say "installing a system package (once): mariadb-server"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends mariadb-server >/dev/null
there || stop "mariadb-server was installed and is not found"
