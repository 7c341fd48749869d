"""Drafts a revision: what `schema.py` has and the revisions before it have not.

`python scripts/revision.py store 0002_places "The store learns where people live."` writes
`src/troth/store/migrations/store/0002_places.py`. A file that is there already keeps its sentence and
is written anew: until the first release that is how `0001_first` follows the schema. A draft is to be
read: rows are moved by hand, and a new revision is added to `REVISIONS` in `migrate.py`.
"""

import ast
import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import UpgradeOps
from sqlalchemy import Connection, MetaData, create_engine

from troth.store import metadata, schema  # noqa: F401 - it fills them
from troth.store.migrate import FOLDER, REVISIONS, Which, upgrade

SCHEMA: dict[Which, MetaData] = {"store": metadata.store, "keystore": metadata.keystore}
TEXT = '''"""{sentence}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision: str | None = {before}


def upgrade() -> None:
    """Take the step, inside the transaction of whoever asked for it."""
{calls}

{steps}
'''


def draft(connection: Connection, which: Which, revision: str, sentence: str) -> str:
    """Return the text of a revision, found by comparing the schema with a scratch database."""
    earlier = [each for each in REVISIONS[which] if each < revision]
    if earlier:
        upgrade(connection, which, until=earlier[-1])
    metadata = SCHEMA[which]
    found = produce_migrations(MigrationContext.configure(connection), metadata)
    steps: dict[str, list[str]] = {name: [] for name in metadata.tables}
    for step in found.upgrade_ops.ops if found.upgrade_ops else ():
        lines = render_python_code(UpgradeOps(ops=[step])).splitlines()
        steps.setdefault(getattr(step, "table_name", ""), []).extend(
            "    " + line.strip() for line in lines if not line.strip().startswith("#")
        )
    made = {name: lines for name, lines in steps.items() if lines}
    if not made:
        sys.exit(f"nothing of the {which} differs from what is before {revision}")
    return TEXT.format(
        sentence=sentence,
        revision=revision,
        before=f'"{earlier[-1]}"' if earlier else None,
        calls="\n".join(f"    _{name}()" for name in made),
        steps="\n\n".join(f"def _{name}() -> None:\n" + "\n".join(lines) for name, lines in made.items()),
    )


def main(which: Which, name: str, sentence: str = "") -> None:
    """Write the draft into its folder, formatted."""
    path = FOLDER / which / f"{name}.py"
    if not sentence:
        sentence = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        text = draft(connection, which, f"{which}_{name.partition('_')[0]}", sentence)
    engine.dispose()
    formatted = subprocess.run(
        [Path(sys.executable).with_name("ruff"), "format", "--stdin-filename", path, "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    path.write_text(formatted, encoding="utf-8")
    print(f"{path}: read it over")


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]
