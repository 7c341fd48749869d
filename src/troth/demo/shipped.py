"""Where the agreements that ship with Troth stand: in the package, or beside the source."""

from pathlib import Path

from troth.errors import AgreementMissing


def shipped_agreement(name: str = "member") -> str:
    """Return the Markdown of an agreement that ships with Troth; raises `AgreementMissing`."""
    package = Path(__file__).resolve().parents[1]
    for root in (package, package.parents[1]):
        file = root / "agreements" / name / "agreement.md"
        if file.is_file():
            return file.read_text("utf-8")
    raise AgreementMissing(name=name)
