"""Which test holds which rule of the control room, read from the names of the tests: docs/wall.md has it as a table.

A test holds a rule when its name says the number: `test_cr_44_45_delayed_then_lost`, an id of a parameter, or
"CR-44, 45 delayed, then lost" in JavaScript. One that is skipped or expected to fail holds none.
``python -m tests.rules.table`` writes the table anew.
"""

import ast
import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.house import tree

LIST = "docs/control-room-rules.csv"
PAGE = tree.ROOT / "docs" / "wall.md"
BEGIN, END = "<!-- generated: python -m tests.rules.table -->", "<!-- end of the generated part -->"
# Where a machine cannot judge, or can judge a part; `remark` says why, or what.
JUDGED = {"": "", "part": "In part: ", "site": "At the site: ", "process": "By measuring: "}

IN_PYTHON = re.compile(r"(?<![a-z])cr_?(\d{1,3}(?:_\d{2,3})*)(?=_|$)")
IN_WORDS = re.compile(r"CR-(\d{1,3}(?:(?:, | and )\d{1,3}(?!\d| ?%| ?s\b| ?px))*)")
TEST_IN_JAVASCRIPT = re.compile(r"^\s*test\((['\"`])(.*?)\1, (?!\{[^}]*\b(?:skip|todo)\b)", re.MULTILINE)
# `skipif` is not among them: such a test runs wherever what it needs is there.
NOT_HELD = {"skip", "xfail"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`judged` is a key of JUDGED."""

    number: int
    title: str
    judged: str
    remark: str


def rules() -> list[Rule]:
    """All of them, by number."""
    rows = csv.DictReader(tree.text(LIST).splitlines())
    return [
        Rule(number=int(row["rule"]), **{name: row[name] for name in ("title", "judged", "remark")}) for row in rows
    ]


def numbers(name: str) -> set[int]:
    """The rules that a name says."""
    told = [*IN_PYTHON.findall(name), *IN_WORDS.findall(name)]
    return {int(number) for run in told for number in re.findall(r"\d+", run)}


def names(path: str) -> Iterator[tuple[str, set[int]]]:
    """Each test of a file that holds, and the rules that its name, or one of its parameters' ids, says."""
    yield from (in_javascript if path.endswith(".js") else in_python)(tree.text(path))


def in_javascript(text: str) -> Iterator[tuple[str, set[int]]]:
    for _, name in TEST_IN_JAVASCRIPT.findall(text):
        yield name, numbers(name)


def in_python(text: str) -> Iterator[tuple[str, set[int]]]:
    module = ast.parse(text)
    if any(_is_marks(node) and _not_held(node) for node in module.body):
        return
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            if any(_not_held(decorator) for decorator in node.decorator_list if not _is_parametrized(decorator)):
                continue
            within = (part for decorator in node.decorator_list for part in _held_parts(decorator))
            said = [node.name, *(str(part.value) for part in within if isinstance(part, ast.Constant))]
            yield node.name, set().union(*map(numbers, said))


def _is_marks(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and any(ast.unparse(target) == "pytestmark" for target in node.targets)


def _is_parametrized(decorator: ast.AST) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("parametrize")


def _not_held(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr in NOT_HELD for part in ast.walk(node))


def _held_parts(node: ast.AST) -> Iterator[ast.AST]:
    """All of a decorator but parameters that are skipped."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("param") and _not_held(node):
        return
    yield node
    for part in ast.iter_child_nodes(node):
        yield from _held_parts(part)


def held() -> dict[int, list[str]]:
    """The files whose tests say a rule, each as often as it has such a test."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in tree.files():
        if re.match(r"tests/(?!rules/).*(/test_\w+\.py|\.test\.js)$", path):
            for _, said in names(path):
                for number in said:
                    found[number].append(path)
    return found


def table() -> str:
    """The generated part of the page."""
    by_number = held()
    lines = ["| rule | asks that | tests | remark |", "| --- | --- | --- | --- |"]
    for rule in rules():
        paths = by_number.get(rule.number, [])
        tests = ", ".join(f"{_short(path)}{_times(paths.count(path))}" for path in sorted(set(paths)))
        remark = f"{JUDGED[rule.judged]}{rule.remark}"
        lines.append(f"| CR-{rule.number:02} | {rule.title} | {tests} | {remark} |")
    return "\n".join(lines)


def _short(path: str) -> str:
    """Enough of the path to find it by: its folder and its name."""
    return f"`{'/'.join(PurePosixPath(path).parts[-2:])}`"


def _times(n: int) -> str:
    return f" {n}" if n > 1 else ""


def written() -> str:
    """The page as it should be."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
