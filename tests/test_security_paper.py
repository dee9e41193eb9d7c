"""docs/security.md names a test for whatever it says holds: each is there."""

import ast
import re

from tests.shape import tree

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_each_test_that_the_paper_names_is_there() -> None:
    named = NAMED.findall(tree.text("docs/security.md"))
    assert len(named) > 50
    there = {path: {node.name for node in ast.walk(ast.parse(tree.text(path))) if isinstance(node, ast.FunctionDef)}
             for path in {path for path, _ in named}}  # fmt: skip
    assert [f"{path}::{name}" for path, name in named if name not in there[path]] == []


def test_the_paper_names_every_chapter_of_the_standard() -> None:
    chapters = re.findall(r"^\| V(\d+) ", tree.text("docs/security.md"), re.MULTILINE)
    assert chapters == [str(number) for number in range(1, 18)]
