"""docs/security.md names a test for whatever it says holds: each is there."""

import ast
import re
from pathlib import Path

import pytest

from liveroom.log import backup, engine, event_log, lease, schema
from tests.house import tree

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


# docs/log.md names every table, and its numbers are those of the code.
TEXT = (Path(__file__).parents[2] / "docs" / "log.md").read_text("utf-8")


@pytest.mark.parametrize("table", sorted(str(name) for name in schema.metadata.tables))
def test_every_table_is_described(table: str) -> None:
    assert f"`{table}`" in TEXT


def test_its_numbers_are_those_of_the_code() -> None:
    assert f"last {event_log.KEPT.days} days" in TEXT
    assert f"{lease.LASTS.seconds} s of real time" in TEXT
    assert f"waits {engine.LOCK_TIMEOUT_S} s for a lock" in TEXT
    assert f"runs {engine.STATEMENT_TIMEOUT_S} s in one statement" in TEXT
    assert f"idles {engine.IDLE_TIMEOUT_S} s in a transaction" in TEXT
    assert f'{{"format": "{backup.FORMAT}"}}' in TEXT
