"""Liveroom.media.examine."""

import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from liveroom.domain.complaints.proof import Facts, FileForm, MediaLimits, Unfit
from liveroom.media import sandbox
from liveroom.media.sandbox import SandboxReport

# Which form a file has, by its first bytes; a name, an extension or a client's word for it counts for nothing.

ENOUGH = 64
PNG = b"\x89PNG\r\n\x1a\n"
STILL_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
MOVING_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"3gp4", b"3gp5"}
)
EBML, DOCTYPE = b"\x1aE\xdf\xa3", b"webm"


def form_of(head: bytes) -> FileForm:
    """The form of a file that begins with ``head`` (64 bytes do). Raises Unfit: empty, or none that is taken."""
    if not head:
        raise Unfit("empty", "the file is empty")
    if head.startswith(b"\xff\xd8\xff"):
        return FileForm.JPEG
    if head.startswith(PNG):
        return FileForm.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileForm.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in STILL_BRANDS:
        return FileForm.HEIC
    if head[4:8] == b"ftyp" and head[8:12] in MOVING_BRANDS:
        return FileForm.MP4
    if head.startswith(EBML) and DOCTYPE in head[:ENOUGH]:
        return FileForm.WEBM
    raise Unfit("form", "only photos (JPEG, PNG, WebP, HEIC) and videos (MP4, WebM) are taken")


# The child that looks into one file: held in a sandbox, so that a hostile one harms nobody else.
#
# `python -m liveroom.media.examine FILE FOLDER LIMITS`: the copies go to FOLDER, one line of JSON to standard output.
# With FILE alone it tries what it should not be able to do, such as reading that file, and says by what it is held.

CLEAN, THUMB = "clean", "thumb"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
# Ends so when the disk is full: an answer could not be written either. (EX_TEMPFAIL of sysexits.h)
FULL = 75


class Examination(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts, or the code and words of what is wrong; ``held``: what kept the child from everything else."""

    facts: Facts | None = None
    code: str = ""
    message: str = ""
    held: SandboxReport = SandboxReport()


def main() -> None:
    """Examine the file named on the command line."""
    *where, limits = sys.argv[1:]
    try:
        answer = _answer([Path(one) for one in where], msgspec.json.decode(limits, type=MediaLimits))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
    except OSError as error:
        # At once: what could not be written is not tried again on the way out.
        os._exit(FULL if error.errno in NO_ROOM else 1)


def _answer(where: list[Path], limits: MediaLimits) -> Examination:
    sandbox.bound(limits.look_s)
    if len(where) == 1:
        return Examination(held=sandbox.tried(_shut(sandbox.seal()), where[0]))
    file, folder = where
    # Opened before the doors close, and nothing is read yet. Copies are opened here too: later no file can be made.
    with file.open("rb") as sent, (folder / CLEAN).open("w+b") as clean, (folder / THUMB).open("w+b") as thumb:
        held = sandbox.seal()
        try:
            held, form = _ready(sent, limits, held)
            facts = examined(sent, form, limits, (clean, thumb))
        except Unfit as no:
            return Examination(code=no.code, message=no.message, held=held)
        except MemoryError:
            return Examination(code="pixels", message="the file takes more memory than is given to one", held=held)
    return Examination(facts=facts, held=held)


def _ready(sent: BinaryIO, limits: MediaLimits, held: SandboxReport) -> tuple[SandboxReport, FileForm]:
    """The last door is shut, before anything is parsed.

    Raises Unfit: `empty`, `form`, `bytes`; `sandbox` where a door stays open that must not.
    """
    form = form_of(sent.read(ENOUGH))
    if sent.seek(0, os.SEEK_END) > limits.longest(form):
        raise Unfit("bytes", f"the file is larger than {limits.longest(form) // 1_000_000} MB")
    sent.seek(0)
    held = _shut(held)
    if limits.sandboxed_only and held.missing:
        raise Unfit("sandbox", f"no file is looked into here: nothing keeps it from {', '.join(held.missing)}")
    return held, form


def _shut(held: SandboxReport) -> SandboxReport:
    """Without Landlock no file is opened once all modules are loaded, so all are loaded now."""
    if not held.files:
        from liveroom.media import picture, video

        picture.warm_up()
        video.warm_up()
    return sandbox.open_nothing_more(held)


def examined(sent: BinaryIO, form: FileForm, limits: MediaLimits, copies: tuple[BinaryIO, BinaryIO]) -> Facts:
    """Facts of a file, whose clean and small ``copies`` are written. Raises Unfit."""
    clean, thumb = copies
    if form.moving:
        from liveroom.media.video import examine_video  # a tenth of a second that photos need not wait for

        facts, small = examine_video(sent, form, limits, clean)
    else:
        from liveroom.media.picture import examine_picture

        facts, whole, small = examine_picture(sent, form, limits)
        clean.write(whole)
    thumb.write(small)
    return facts


if __name__ == "__main__":
    main()
