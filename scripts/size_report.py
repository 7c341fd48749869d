"""Measures every module and function, and fails when one outgrew the house.

A module is split at 300 lines, and 400 fail; a function stays within 60. Lines are counted as they
stand in the file, with docstrings and comments. `python scripts/size_report.py [DIRECTORY...]`
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

# One page on purpose, and pages of declarations: who looks for an error looks here; the first revision
# is drafted from the tables by a script.
ONE_PAGE = {"src/troth/errors.py", "src/troth/store/migrations/store/0001_first.py"}
ROOT = Path(__file__).resolve().parent.parent
MODULE_SPLIT, MODULE_FAILS, FUNCTION_FAILS = 300, 400, 60


def functions(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yield the name, first line and length of every function and method in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1


def main(places: list[str]) -> int:
    """Print the report for the places named; return 1 when something is too long."""
    failed = False
    total = 0
    rooms: dict[str, int] = {}
    for place in places:
        for path in sorted((ROOT / place).rglob("*.py")):
            name = path.relative_to(ROOT)
            length = len(path.read_text(encoding="utf-8").splitlines())
            total += length
            rooms[str(name.parent)] = rooms.get(str(name.parent), 0) + length
            if length > MODULE_SPLIT and name.as_posix() not in ONE_PAGE:
                failed |= length > MODULE_FAILS
                print(f"{name}: {length} lines; split it at {MODULE_SPLIT}, {MODULE_FAILS} fail")
            for function, line, height in functions(path):
                if height > FUNCTION_FAILS:
                    failed = True
                    print(f"{name}:{line}: `{function}` has {height} lines; {FUNCTION_FAILS} is the most")
    for room, length in sorted(rooms.items()):
        print(f"{length:7,}  {room}")
    print(f"{total:7,}  lines in all")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["src", "scripts"]))
