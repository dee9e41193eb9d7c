"""One step of the set-up: it says what it does, is skipped while its inputs are unchanged, and fails loudly."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAST_LINES = 25


class StepFailed(Exception):
    """A step did not work; the text says which, why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`act` runs when `inputs` (files, and `also`: a text such as a version) differ from those noted in `stamp`."""

    says: str
    inputs: tuple[Path, ...]
    stamp: Path
    act: Callable[[], None]
    remedy: str
    also: str = ""


def perform(step: Step) -> None:
    """Do the step unless its stamp shows the same inputs. Raises StepFailed."""
    wanted = _digest(step)
    if step.stamp.is_file() and step.stamp.read_text() == wanted:
        return
    sys.stdout.write(f"setup: {step.says}\n")
    sys.stdout.flush()
    try:
        step.act()
    except (OSError, StepFailed) as failure:
        raise StepFailed(f"{failure}\nsetup FAILED: {step.says}\nwhat to do: {step.remedy}") from failure
    step.stamp.parent.mkdir(parents=True, exist_ok=True)
    step.stamp.write_text(wanted)


def command(*words: str | Path) -> None:
    """Run a program in the checkout, silent unless it fails. Raises StepFailed with its last lines."""
    done = subprocess.run(
        words, cwd=ROOT, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-LAST_LINES:])
        raise StepFailed(f"{tail}\n{Path(words[0]).name} ended with {done.returncode}")


def _digest(step: Step) -> str:
    summed = hashlib.sha256(step.also.encode())
    for path in step.inputs:
        summed.update(path.read_bytes())
    return summed.hexdigest()
