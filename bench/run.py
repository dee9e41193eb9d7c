"""`make bench`: every measurement, or those named; figures of record are in docs/measurements.md."""

import argparse
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHORT: dict[str, dict[str, Any]] = {
    "ack": {"rounds": 10},
    "attacks": {"seconds": 5},
    "clock": {"sizes": (1000, 20_000), "imported": 3000, "idle": 50, "rounds": 3, "due": 300},
    "evaluation": {"sizes": (10_000,)},
    "fanout": {"rounds": 1, "sizes": ((1000, 21),), "seconds": 4},
    "hostile_uploads": {"count": 40},
    "imports": {"rows": 3000},
    "intake": {"seconds": 3},
    "keystrokes": {"rounds": 1},
    "likeness": {"streets": 5},
    "memory": {"minutes": 2, "warm": 1},
    "million": {"rows": 20_000},
    "load": {"seconds": 10, "imported": 3000},
    "pages": {"size": 500},
    "paint": {"seconds": 10},
    "past": {"events": 60_000, "jumps": 10},
    "signs": {"days": 7},
    "snapshot": {"sizes": (3000,)},
    "start": {"rounds": 3},
    "week": {"minutes": 120, "days": 2},
}
# Only by their names: half an hour, an hour with 10 GB of disk, and as long with 5 GB.
LONG = ("memory", "million", "past")


def main() -> None:
    """Run the measurements asked for, one after the other."""
    sys.path.insert(0, str(ROOT))
    from bench import (
        ack,
        attacks,
        clock,
        day_replay,
        evaluation,
        fanout,
        hostile_uploads,
        imports,
        intake,
        keystrokes,
        likeness,
        load,
        memory,
        million,
        pages,
        paint,
        past,
        signs,
        snapshot,
        start,
        week,
    )

    runs: dict[str, Callable[..., None]] = {
        "ack": ack.run,
        "attacks": attacks.run,
        "clock": clock.run,
        "evaluation": evaluation.run,
        "day_replay": day_replay.run,
        "fanout": fanout.run,
        "hostile_uploads": hostile_uploads.run,
        "imports": imports.run,
        "intake": intake.run,
        "keystrokes": keystrokes.run,
        "likeness": likeness.run,
        "load": load.run,
        "memory": memory.run,
        "million": million.run,
        "pages": pages.run,
        "paint": paint.run,
        "past": past.run,
        "signs": signs.run,
        "snapshot": snapshot.run,
        "start": start.run,
        "week": week.run,
    }
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "names", nargs="*", choices=[*runs, []], help="which; without any, all but memory, million and past"
    )
    asked.add_argument("--short", action="store_true", help="a first look, minutes instead of a quarter of an hour")
    words = asked.parse_args()
    warnings.simplefilter("ignore")
    for name in words.names or [name for name in runs if name not in LONG]:
        runs[name](**(SHORT[name] if words.short else {}))


if __name__ == "__main__":
    main()
