"""docs/log.md names every table, and its numbers are those of the code."""

from pathlib import Path

import pytest

from liveroom.log import backup, engine, event_log, lease, schema

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
