"""Which column of a file is which field of a report; knows no rows and no room."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from ingest.rows import Rows
from liveroom.domain.complaints.intake import PERSON
from liveroom.domain.requests import Malformed

PLAIN = ("source_id", "category", "description", "address", "area", "channel", "reported_at", "updated_at", "priority")
NUMBERS = ("lat", "lon")
FIELDS = (*PLAIN, *NUMBERS, *(f"person.{name}" for name in PERSON), "media", "drill", "closed_at")
REQUIRED = ("source_id", "category")
_LOOK_AT = 100


def parse_map(text: str) -> dict[str, str]:
    """``field=column,field=column`` as columns by field. Raises Malformed for a field unknown or given twice."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        field, equals, column = (part.strip() for part in pair.partition("="))
        if not equals or not column:
            raise Malformed(field, f"--map wants field=column, not {pair!r}")
        if field not in FIELDS:
            raise Malformed(field, f"--map knows no field {field!r}, only {', '.join(FIELDS)}")
        if field in found:
            raise Malformed(field, f"--map gives {field!r} twice")
        found[field] = column
    return found


def check_columns(rows: Rows, columns: Mapping[str, str]) -> None:
    """See that the file has what is mapped and what every report needs, before anything is written.

    Raises Malformed naming the field. Where records name their own columns the first hundred are asked.
    """
    first = list(islice(rows, _LOOK_AT))
    if not first and not rows.columns:
        raise Malformed("file", "the file is empty")
    readable = [row.values for row in first if row.fault is None]
    if rows.columns is None and not readable:
        return
    for field in dict.fromkeys((*REQUIRED, *columns)):
        column = columns.get(field, field)
        known = column in rows.columns if rows.columns is not None else any(_has(row, column) for row in readable)
        if not known:
            raise Malformed(field, f"there is no column {column!r}")


def _has(values: Mapping[str, Any], column: str) -> bool:
    """Whether a record names the column, flat or nested."""
    return column in values or column.partition(".")[0] in values


def cell(values: Mapping[str, Any], column: str) -> Any:
    """The value under ``column``; ``a.b`` is also looked up as b within a. None when absent."""
    if column in values:
        return values[column]
    outer, dot, inner = column.partition(".")
    nested = values.get(outer)
    return cell(nested, inner) if dot and isinstance(nested, Mapping) else None
