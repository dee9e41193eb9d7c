"""What the shape test looks at: the files of the checkout, and the functions in them."""

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("app.py", "bench", "cities", "cli", "display", "ingest", "liveroom", "run.py", "setup")
MEASURE = Path(__file__).with_name("functions.mjs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """`length` counts from the `def` to its last line, docstring included; decorators are not counted."""

    where: str
    name: str
    length: int


@cache
def files() -> tuple[str, ...]:
    """Return the paths, relative to the checkout, of all that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(sorted(path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file()))


def python_files(*, tests: bool = False) -> tuple[str, ...]:
    """Return the product's Python files, or the tests' own."""
    folders = ("tests",) if tests else PRODUCT
    return tuple(path for path in files() if path.endswith(".py") and path.split("/")[0] in folders)


def house_files() -> tuple[str, ...]:
    """Return the Python files of the house itself: no tests, benches, set-up, cities or migrations."""
    rooms = ("app.py", "cli", "display", "ingest", "liveroom", "run.py")
    return tuple(path for path in python_files() if path.split("/")[0] in rooms and "/migrations/" not in path)


def browser_files() -> tuple[str, ...]:
    """Return the modules that pages load."""
    return tuple(path for path in files() if path.startswith("static/js/") and path.endswith(".js"))


@cache
def text(path: str) -> str:
    """Return a file's text."""
    return (ROOT / path).read_text(encoding="utf-8")


def python_functions(path: str) -> tuple[Function, ...]:
    """Return every function and method of a Python file."""
    return tuple(
        Function(where=f"{path}:{node.lineno}", name=node.name, length=(node.end_lineno or 0) - node.lineno + 1)
        for node in statements(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def classes(path: str) -> tuple[str, ...]:
    """Return the name of every class of a Python file."""
    return tuple(node.name for node in statements(parsed(path)) if isinstance(node, ast.ClassDef))


@cache
def parsed(path: str) -> ast.Module:
    """Return a Python file's tree."""
    return ast.parse(text(path), path)


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Every statement in a node, however deep; expressions hold none, and are most of a tree."""
    for part in ("body", "handlers", "orelse", "finalbody", "cases"):
        inside = getattr(node, part, None)
        for one in inside if isinstance(inside, list) else ():
            if isinstance(one, ast.stmt):
                yield one
            yield from statements(one)


@cache
def browser_modules() -> tuple[tuple[str, tuple[Function, ...], bool], ...]:
    """Return (path, functions, whether it opens with a comment) of every module that pages load."""
    return measured(tuple(str(ROOT / path) for path in browser_files()))


def measured(paths: tuple[str, ...]) -> tuple[tuple[str, tuple[Function, ...], bool], ...]:
    """Return (path, functions, whether it opens with a comment) of JavaScript files given by absolute path."""
    beside = Path(sys.executable).with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    assert node, "no Node here: make setup brings one"
    done = subprocess.run(
        [node, str(MEASURE)], input=json.dumps(paths), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return tuple(
        (
            record["path"].removeprefix(f"{ROOT}/"),
            tuple(
                Function(
                    where=f"{record['path'].removeprefix(f'{ROOT}/')}:{one['line']}",
                    name=one["name"],
                    length=one["length"],
                )
                for one in record["functions"]
            ),
            record["opensWithComment"],
        )
        for record in json.loads(done.stdout)
    )
