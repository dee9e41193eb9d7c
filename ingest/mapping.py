"""A row of a file as the report it means, by the same rules as the intake (pure)."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ingest.columns import NUMBERS, PLAIN, cell
from ingest.rows import Row
from liveroom.domain.complaints.intake import PERSON, REPORTED_AHEAD, Report, report_of
from liveroom.domain.fields import Record
from liveroom.domain.requests import Malformed

_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?", re.ASCII)


def row_report(row: Row, columns: Mapping[str, str], now: datetime, kind: str) -> Report:
    """The report of one row: ``reported_at`` counts as received, ``closed_at`` ends it. Raises Malformed.

    ``now`` bounds both times, ``kind`` is the room's.
    """
    if row.fault is not None:
        raise row.fault
    values = intake_values(row, columns)
    report = report_of(values, now, kind)
    closed_at = Record(values).moment("closed_at", now + REPORTED_AHEAD)
    if closed_at is not None and report.reported_at is None:
        raise Malformed("reported_at", "is required where closed_at is given")
    if closed_at is not None and report.reported_at is not None and closed_at < report.reported_at:
        raise Malformed("closed_at", "is before reported_at")
    return replace(report, received_at=report.reported_at, closed_at=closed_at)


def intake_values(row: Row, columns: Mapping[str, str]) -> dict[str, Any]:
    """The row's cells under the intake's names and nesting; text of CSV becomes what JSON would say, "" nothing."""
    values = {field: _cell(row, columns, field) for field in (*PLAIN, *NUMBERS, "media", "drill", "closed_at")}
    named = {name: _cell(row, columns, f"person.{name}") for name in PERSON}
    whole = row.values.get("person")
    return {**values, "person": named if row.textual or whole is None or isinstance(whole, Mapping) else whole}


def _cell(row: Row, columns: Mapping[str, str], field: str) -> Any:
    """One value of the row."""
    value = cell(row.values, columns.get(field, field))
    if not row.textual:
        return value
    return _typed(field, value) if value and value.strip() else None


def _typed(field: str, text: str) -> Any:
    """What JSON would say for a text cell; one that says nothing sensible stays text, and the field refuses it."""
    said = text.strip()
    if field in NUMBERS:
        return float(said) if _NUMBER.fullmatch(said) else text
    if field == "media":
        return said.split()
    if field == "drill":
        return {"true": True, "false": False}.get(said.lower(), text)
    return said if field in ("reported_at", "updated_at", "closed_at", "priority") else text
