"""Fetches the third-party files of the pages, checks them against the lock, and keeps only what is listed.

`python scripts/vendor.py` needs `npm` and the network; a package whose hash is not the one in
`VENDOR.json` is refused. After a version was changed here, `--renew` writes the lock anew. The tests
recompute every hash offline with `findings`.
"""

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "src/troth/web/static/vendor"
TESTS = ROOT / "tests/browser/vendor"
LOCK = "VENDOR.json"

# Names of outline icons, by the alphabet; the sprite has no others.
ICONS = """
adjustments-horizontal alert-triangle arrow-right arrows-exchange bell building calendar camera
check chevron-down circle-check circle-dashed clock copy credit-card device-laptop dots download
external-link eye eye-off file-text fingerprint help history home id info-circle key language lock
logout mail map-pin menu-2 message moon pencil plus printer receipt robot scale search send settings
shield shield-check square-x sun trash upload user users world writing x
""".split()  # noqa: SIM905 - sixty names read as a paragraph


@dataclass(frozen=True, slots=True)
class Wanted:
    """A package at one version: which of its files are kept, as what, and where."""

    package: str
    version: str
    licence: str
    keep: tuple[tuple[str, str], ...]  # path in the package, name here
    own: tuple[str, ...] = ()  # beside them and not from the package: the project's licence
    sprite: tuple[str, ...] = ()
    place: Path = PAGES

    @property
    def name(self) -> str:
        """The package's name as part of a path."""
        return re.sub(r"[^a-z0-9.]+", "-", self.package).strip("-").removesuffix(".org")

    @property
    def directory(self) -> Path:
        """Where its files are committed."""
        return self.place / f"{self.name}-{self.version}"


WANTED = (
    Wanted("htmx.org", "4.0.1", "0BSD", (("dist/htmx.min.js", "htmx.min.js"), ("LICENSE", "LICENSE"))),
    Wanted(
        "@tabler/core",
        "1.4.0",
        "MIT",
        (
            ("dist/css/tabler.min.css", "tabler.min.css"),
            ("dist/css/tabler.rtl.min.css", "tabler.rtl.min.css"),
        ),
        own=("LICENSE",),
    ),
    Wanted("@tabler/icons", "3.51.0", "MIT", (("LICENSE", "LICENSE"),), sprite=tuple(ICONS)),
    Wanted(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        (
            ("axe.min.js", "axe.min.js"),
            ("LICENSE", "LICENSE"),
            ("LICENSE-3RD-PARTY.txt", "LICENSE-3RD-PARTY.txt"),
        ),
        place=TESTS,
    ),
)


def sha512(content: bytes) -> str:
    """Return the SHA-512 of some bytes in hexadecimal."""
    return hashlib.sha512(content).hexdigest()


def sprite(icons: dict[str, str]) -> str:
    """Return one SVG file with a symbol for each icon, named as the icon."""
    symbols = []
    for name, text in icons.items():
        drawn = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
        if drawn is None:
            sys.exit(f"`{name}` is no icon")
        shapes = "".join(
            line.strip().replace(" />", "/>")
            for line in drawn[1].strip().splitlines()
            if 'd="M0 0h24v24H0z"' not in line
        )
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
            f' stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def fetched(wanted: Wanted, locked: str | None) -> tuple[str, dict[str, bytes]]:
    """Return the package's hash and the files to keep; exits when the hash is not the locked one."""
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(
            ["npm", "pack", "--silent", f"{wanted.package}@{wanted.version}"],
            cwd=place,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (archive,) = Path(place).glob("*.tgz")
        package = sha512(archive.read_bytes())
        if locked is not None and locked != package:
            sys.exit(f"{wanted.package} {wanted.version} is not what the lock says: {package}")
        with tarfile.open(archive) as members:

            def read(path: str) -> bytes:
                member = members.extractfile(f"package/{path}")
                if member is None:
                    sys.exit(f"{wanted.package} has no `{path}`")
                return member.read()

            kept = {name: read(path) for path, name in wanted.keep}
            if wanted.sprite:
                drawn = {name: read(f"icons/outline/{name}.svg").decode() for name in wanted.sprite}
                kept["sprite.svg"] = sprite(drawn).encode()
    return package, kept


def lock(place: Path) -> dict[str, dict[str, object]]:
    """Return what the lock of a place says of each package; empty where there is none."""
    path = place / LOCK
    read: dict[str, dict[str, object]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return read


def findings(place: Path) -> list[str]:
    """Return what differs between the lock of a place and its files; needs no network."""
    locked = lock(place)
    said = {
        f"{each['directory']}/{name}": digest for each in locked.values() for name, digest in _files(each)
    }
    there = {
        path.relative_to(place).as_posix(): sha512(path.read_bytes())
        for path in place.rglob("*")
        if path.is_file() and path.name != LOCK
    }
    wanted = {(each.package, each.version) for each in WANTED if each.place == place}
    named = {(name, str(each["version"])) for name, each in locked.items()}
    return [
        *(f"{name} is listed and not there" for name in sorted(said.keys() - there.keys())),
        *(f"{name} is there and not listed" for name in sorted(there.keys() - said.keys())),
        *(f"{name} was altered" for name in sorted(said) if there.get(name, said[name]) != said[name]),
        *(f"{name} {version} is wanted or locked, not both" for name, version in sorted(wanted ^ named)),
    ]


def _files(each: dict[str, object]) -> list[tuple[str, str]]:
    files = each["files"]
    return [(str(name), str(digest)) for name, digest in files.items()] if isinstance(files, dict) else []


def main(arguments: list[str]) -> int:
    """Fetch, check and copy everything; with `--renew`, lock what was fetched."""
    renew = arguments == ["--renew"]
    for place in (PAGES, TESTS):
        before, after = lock(place), {}
        for wanted in (each for each in WANTED if each.place == place):
            locked = before.get(wanted.package, {})
            known = str(locked["sha512"]) if locked.get("version") == wanted.version else None
            if known is None and not renew:
                sys.exit(f"{wanted.package} {wanted.version} is not in the lock; look at it, then --renew")
            package, kept = fetched(wanted, None if renew else known)
            wanted.directory.mkdir(parents=True, exist_ok=True)
            for name, content in kept.items():
                (wanted.directory / name).write_bytes(content)
            names = sorted((*kept, *wanted.own))
            after[wanted.package] = {
                "version": wanted.version,
                "licence": wanted.licence,
                "sha512": package,
                "directory": wanted.directory.name,
                "files": {name: sha512((wanted.directory / name).read_bytes()) for name in names},
            }
        (place / LOCK).write_text(json.dumps(after, indent=2) + "\n", encoding="utf-8")
    found = [*findings(PAGES), *findings(TESTS)]
    print("\n".join(found) or "everything is as the lock says")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
