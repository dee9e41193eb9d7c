"""Inspection of an uploaded file by a sandboxed child process, bounded in time, memory and the size of its answer.

The child's program is examine.py, its sandbox sandbox.py. Its answer is checked like the file itself: whoever took the
child over would write it. Also the self-test of the sandbox, for the server's log and for `doctor`.
"""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from liveroom.domain.complaints.proof import Facts, MediaLimits, Unfit
from liveroom.media.examine import CLEAN, DISK_FULL, THUMB, Examination
from liveroom.media.sandbox import SandboxReport, environment_of
from liveroom.media.similarity import is_hash
from liveroom.media.store import StoreUnavailable

ANSWER_MAX = 200_000
# How long after the child's own alarm it is killed from outside.
GRACE_S = 5
LONGEST_PX = 1_000_000
# Reasons that a child may give; any other is "broken".
CODES = frozenset({"empty", "form", "broken", "bytes", "pixels", "length", "codec", "sandbox"})
# Runs a blocking call where it stops nobody else.
RunAside = Callable[[Callable[[], bytes]], bytes]
log = logging.getLogger(__name__)


def look_into(file: Path, folder: Path, limits: MediaLimits, aside: RunAside) -> Facts:
    """Facts of a file; its copies are written to ``folder``.

    Raises Unfit; StoreUnavailable when the disk is full, which is no fault of the file.
    """
    try:
        answer = _run(aside, limits, file, folder)
    except (subprocess.SubprocessError, msgspec.DecodeError) as error:
        if getattr(error, "returncode", None) == DISK_FULL:
            raise StoreUnavailable("the disk is full: copies of a photo or video cannot be made") from error
        raise Unfit("broken", "the file cannot be read to its end") from error
    if answer.facts is None:
        raise Unfit(answer.code if answer.code in CODES else "broken", answer.message)
    if answer.held.missing:
        log.warning("a file was looked into by a process that is not kept from %s", ", ".join(answer.held.missing))
    if not _believable(answer.facts, folder):
        raise Unfit("broken", "what came out is not what a file of this form gives")
    return answer.facts


def _believable(facts: Facts, folder: Path) -> bool:
    """Whether the facts are possible ones, and the copies are plain files of the folder itself."""
    plain_files = all((folder / name).is_file() and not (folder / name).is_symlink() for name in (CLEAN, THUMB))
    possible_size = 0 < facts.width <= LONGEST_PX and 0 < facts.height <= LONGEST_PX
    return plain_files and possible_size and all(is_hash(one) for one in (*facts.hashes, *facts.turned))


def held_here(aside: RunAside) -> SandboxReport | None:
    """The report of a child that tried to leave its sandbox on this machine; None when none can be started."""
    with tempfile.NamedTemporaryFile(prefix="liveroom-") as secret:
        try:
            return _run(aside, MediaLimits(), Path(secret.name)).held
        except (subprocess.SubprocessError, msgspec.DecodeError):
            return None


def announce(aside: RunAside, required: bool) -> None:
    """Log once, when a server starts, how the child is held."""
    held = held_here(aside)
    level = logging.INFO if held is not None and not held.missing else logging.WARNING
    log.log(level, "%s", tell(held, required=required))


def tell(held: SandboxReport | None, *, required: bool) -> str:
    """One line for the operator of the server: how the child is held, or what it is not kept from and what follows."""
    if held is None:
        return "the process that looks into strangers' files cannot be started here: every photo and video is refused"
    if not held.missing:
        return f"what looks into strangers' files is held: {held.describe()}"
    then = "so none is looked into (media.sandboxed_only)" if required else "docs/proof.md says what to do"
    return f"what looks into strangers' files is not kept from {', '.join(held.missing)}; {then}: {held.describe()}"


def _run(aside: RunAside, limits: MediaLimits, *where: Path) -> Examination:
    """The child's answer. Raises SubprocessError when it does not end well, DecodeError for an answer that is none."""
    return msgspec.json.decode(aside(lambda: _output(limits, *where)), type=Examination)


def _output(limits: MediaLimits, *where: Path) -> bytes:
    """The first ANSWER_MAX bytes of what the child writes. Raises SubprocessError."""
    command = [*_time_limit(limits), sys.executable, "-s", "-B", "-m", "liveroom.media.examine", *map(str, where)]
    # Into a file, whose size is bounded, and not through a pipe, of which this process would read any amount.
    with tempfile.TemporaryFile(dir=where[-1] if len(where) > 1 else None) as out:
        # Not the `timeout` of this call: under eventlet it raises an error of a class that cannot be named here.
        subprocess.run(
            [*command, msgspec.json.encode(limits).decode()],
            cwd=Path(__file__).resolve().parents[2],
            env=environment_of(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            check=True,
        )
        out.seek(0)
        return out.read(ANSWER_MAX)


def _time_limit(limits: MediaLimits) -> list[str]:
    """The `timeout` command before the child's own: a child that was taken over could put off its own alarm."""
    program = shutil.which("timeout")
    return [] if program is None else [program, "--signal=KILL", str(limits.look_s + GRACE_S)]
