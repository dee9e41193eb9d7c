"""What a server costs and what it measures of itself: memory, CPU time, and the stalls of its hub."""

import os
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Memory in use, in MB."""
    return round(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6, 1)


def cpu_s(pid: int) -> float:
    """Processor time used so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def samples(url: str) -> dict[str, float]:
    """All that /metrics says; a histogram's buckets as ``name{le}``."""
    found = {}
    for family in text_string_to_metric_families(httpx.get(f"{url}/metrics", timeout=60).text):
        for sample in family.samples:
            found[f"{sample.name}{{{sample.labels['le']}}}" if "le" in sample.labels else sample.name] = sample.value
    return found


def stalls(before: dict[str, float], after: dict[str, float]) -> dict[str, int]:
    """How often the hub's 50 ms tick came later than so many ms, between two looks."""
    name = "liveroom_hub_stall_seconds"
    ticks = after[f"{name}_count"] - before[f"{name}_count"]
    counts = {"ticks": int(ticks)}
    for limit in ("0.02", "0.05", "0.1", "0.25", "0.5", "1.0"):
        key = f"{name}_bucket{{{limit}}}"
        counts[f"over_{float(limit) * 1000:g}ms"] = int(ticks - (after[key] - before[key]))
    return counts
