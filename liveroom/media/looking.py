"""Has a file looked into by a child process, which takes no longer than it may."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from liveroom.media.examine import Answer
from liveroom.media.facts import Facts, Limits, Unfit

MOST_BYTES = 200_000
Aside = Callable[[Callable[[], bytes]], bytes]


def look_into(file: Path, folder: Path, limits: Limits, aside: Aside) -> Facts:
    """Facts of a file, its copies in ``folder``. ``aside`` runs the wait where it stops nobody. Raises Unfit."""
    words = [
        sys.executable,
        "-m",
        "liveroom.media.examine",
        str(file),
        str(folder),
        msgspec.json.encode(limits).decode(),
    ]
    try:
        said = aside(lambda: _output(words))
        answer = msgspec.json.decode(said[:MOST_BYTES], type=Answer)
    except (subprocess.SubprocessError, msgspec.DecodeError) as error:
        raise Unfit("broken", "the file cannot be read to its end") from error
    if answer.facts is None:
        raise Unfit(answer.code, answer.message)
    return answer.facts


def _output(words: list[str]) -> bytes:
    root = Path(__file__).resolve().parents[2]
    # It bounds its own time. No `timeout` here: what that raises is of no class that we could name under eventlet.
    done = subprocess.run(words, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return done.stdout
