"""Has a file looked into by a child process, which takes no longer than it may and is held in a sandbox."""

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
from liveroom.media.examine import CLEAN, FULL, THUMB, Examination
from liveroom.media.sandbox import SandboxReport, environment_of
from liveroom.media.similarity import is_hash
from liveroom.media.store import StoreUnavailable

MOST_BYTES = 200_000
# The child's own alarm comes first.
LATER_S = 5
MOST_PX = 1_000_000
CODES = frozenset({"empty", "form", "broken", "bytes", "pixels", "length", "codec", "sandbox"})
Aside = Callable[[Callable[[], bytes]], bytes]
log = logging.getLogger(__name__)


def look_into(file: Path, folder: Path, limits: MediaLimits, aside: Aside) -> Facts:
    """Facts of a file, its copies in ``folder``. ``aside`` runs the wait where it stops nobody.

    What the child says and leaves is believed no more than the file: who took it over would write it. Raises Unfit;
    StoreAway when the disk is full, which is no fault of the file.
    """
    try:
        answer = _decoded(aside(lambda: _said(limits, file, folder)))
    except (subprocess.SubprocessError, msgspec.DecodeError) as error:
        if getattr(error, "returncode", None) == FULL:
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
    """Whether it has the form of what a good child says, and the copies are files of the folder itself."""
    plain = all((folder / name).is_file() and not (folder / name).is_symlink() for name in (CLEAN, THUMB))
    sized = 0 < facts.width <= MOST_PX and 0 < facts.height <= MOST_PX
    return plain and sized and all(is_hash(one) for one in (*facts.hashes, *facts.turned))


def held_here(aside: Aside) -> SandboxReport | None:
    """By what such a child is held on this machine, told by one that tried; None when none can be started."""
    with tempfile.NamedTemporaryFile(prefix="liveroom-") as secret:
        try:
            return _decoded(aside(lambda: _said(MediaLimits(), Path(secret.name)))).held
        except (subprocess.SubprocessError, msgspec.DecodeError):
            return None


def announce(aside: Aside, required: bool) -> None:
    """Say once, in the log of a server that starts, by what it is held."""
    held = held_here(aside)
    log.log(
        logging.INFO if held is not None and not held.missing else logging.WARNING, "%s", tell(held, required=required)
    )


def tell(held: SandboxReport | None, *, required: bool) -> str:
    """One line for whoever runs the room: by what it is held, or what is not, and what that means here."""
    if held is None:
        return "the process that looks into strangers' files cannot be started here: every photo and video is refused"
    if not held.missing:
        return f"what looks into strangers' files is held: {held.told()}"
    then = "so none is looked into (media.sandboxed_only)" if required else "docs/proof.md says what to do"
    return f"what looks into strangers' files is not kept from {', '.join(held.missing)}; {then}: {held.told()}"


def _decoded(said: bytes) -> Examination:
    return msgspec.json.decode(said, type=Examination)


def _killed_after(limits: MediaLimits) -> list[str]:
    """The words before the child's own: it bounds its time itself, but one that was taken over puts its alarm off."""
    program = shutil.which("timeout")
    return [] if program is None else [program, "--signal=KILL", str(limits.look_s + LATER_S)]


def _said(limits: MediaLimits, *where: Path) -> bytes:
    """What the child writes, as much as an answer may have. Raises SubprocessError when it does not end well."""
    words = [*_killed_after(limits), sys.executable, "-s", "-B", "-m", "liveroom.media.examine", *map(str, where)]
    # Into a file, whose size is bounded, and not through a pipe, of which this process would read any amount.
    with tempfile.TemporaryFile(dir=where[-1] if len(where) > 1 else None) as out:
        # No `timeout` of this call: what that raises is of no class that we could name under eventlet.
        subprocess.run(
            [*words, msgspec.json.encode(limits).decode()],
            cwd=Path(__file__).resolve().parents[2],
            env=environment_of(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            check=True,
        )
        out.seek(0)
        return out.read(MOST_BYTES)
