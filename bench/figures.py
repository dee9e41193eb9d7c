"""Figures and how they are kept: percentiles, a small table on the screen, a JSON file under bench/results."""

import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of all lie (nearest rank); NaN of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Count, p50, p99 and longest, in milliseconds."""
    return {
        "n": len(seconds),
        "p50_ms": round(percentile(seconds, 0.50) * 1000, 1),
        "p99_ms": round(percentile(seconds, 0.99) * 1000, 1),
        "max_ms": round(max(seconds, default=float("nan")) * 1000, 1),
    }


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def keep(name: str, rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> Path:
    """Show the rows as a table and write them to results/NAME.json; returns that file."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    table = Table(title=name, show_header=False)
    for each in names:
        table.add_row(each, *(_shown(row.get(each, "")) for row in rows))
    Console(width=160).print(table)
    file = RESULTS / f"{name}.json"
    file.write_text(json.dumps({**about, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    return file


def _shown(value: Any) -> str:
    """One cell; what a mapping counts stands one under the other, zeros left out."""
    if isinstance(value, dict):
        return "\n".join(f"{key}: {count}" for key, count in value.items() if count)
    return str(value)
