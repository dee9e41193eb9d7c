"""The child that looks into one file: bounded in memory, time and open files, so that a hostile one harms nobody else.

`python -m liveroom.media.examine FILE FOLDER LIMITS`: the copies go to FOLDER, one line of JSON to standard output.
"""

import resource
import signal
import sys
from pathlib import Path

import msgspec

from liveroom.media.facts import Facts, Limits, Unfit
from liveroom.media.sniff import ENOUGH, form_of

CLEAN, THUMB = "clean", "thumb"
MEMORY_BYTES = 2_000_000_000
CPU_S = 40
FILE_BYTES = 1_000_000_000


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts, or the code and words of what is wrong."""

    facts: Facts | None = None
    code: str = ""
    message: str = ""


def main() -> None:
    """Examine the file named on the command line."""
    file, folder, limits = Path(sys.argv[1]), Path(sys.argv[2]), msgspec.json.decode(sys.argv[3], type=Limits)
    _bound(limits.look_s)
    try:
        answer = Answer(facts=examined(file, folder, limits))
    except Unfit as no:
        answer = Answer(code=no.code, message=no.message)
    except MemoryError:
        answer = Answer(code="pixels", message="the file takes more memory than is given to one")
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")


def examined(file: Path, folder: Path, limits: Limits) -> Facts:
    """Facts of a file; writes ``clean`` and ``thumb`` into ``folder``. Raises Unfit."""
    with file.open("rb") as opened:
        form = form_of(opened.read(ENOUGH))
    if file.stat().st_size > limits.longest(form):
        raise Unfit("bytes", f"the file is larger than {limits.longest(form) // 1_000_000} MB")
    if form.moving:
        from liveroom.media.video import examine_video  # a tenth of a second that photos need not wait for

        facts, thumb = examine_video(file, form, limits, folder / CLEAN)
    else:
        from liveroom.media.picture import examine_picture

        facts, clean, thumb = examine_picture(file, form, limits)
        (folder / CLEAN).write_bytes(clean)
    (folder / THUMB).write_bytes(thumb)
    return facts


def _bound(seconds: int) -> None:
    """What this process may use; beyond it the kernel says no and the parent says `broken`."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # Nothing here takes that signal, so it ends the process wherever it stands, also when nobody waits for it any more.
    signal.alarm(seconds)


if __name__ == "__main__":
    main()
