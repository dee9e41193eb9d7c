"""The program of the sandboxed child process: examines one photo or video and makes its copies.

`python -m liveroom.media.examine FILE FOLDER LIMITS`: the copies go to FOLDER, an Examination as one line of JSON to
standard output. With FILE alone it tries what it should not be able to do, such as reading that file, and reports its
SandboxReport. A hostile file may take this process over, so nothing of it is parsed before the sandbox is complete.
Imports are few, and the decoders' are late: what is imported here is loaded again for every file.
"""

import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from liveroom.domain.complaints.proof import Facts, FileForm, MediaLimits, Unfit
from liveroom.media import sandbox
from liveroom.media.sandbox import SandboxReport

# Names of the copies in FOLDER.
CLEAN, THUMB = "clean", "thumb"
# The exit status when the disk is full: an answer could not be written either. (EX_TEMPFAIL of sysexits.h)
DISK_FULL = 75
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
# Bytes from the beginning of a file by which its form is recognized.
HEAD_BYTES = 64
PNG = b"\x89PNG\r\n\x1a\n"
# Brands of ISO base media files (`ftyp`): HEIC photos, and MP4 videos.
STILL_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
MOVING_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"3gp4", b"3gp5"}
)
# WebM: the mark of an EBML file, and the document type in its head.
EBML, DOCTYPE = b"\x1aE\xdf\xa3", b"webm"


class Examination(msgspec.Struct, frozen=True, omit_defaults=True):
    """The child's answer: facts, or code and words of what is wrong; ``held``: how the sandbox held it."""

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
        os._exit(DISK_FULL if error.errno in NO_SPACE else 1)


def _answer(where: list[Path], limits: MediaLimits) -> Examination:
    sandbox.bound(limits.look_s)
    if len(where) == 1:
        return Examination(held=sandbox.tried(_close_files(sandbox.seal()), where[0]))
    file, folder = where
    # All three are opened before the sandbox closes, for later no file can be made; nothing is read yet.
    with file.open("rb") as sent, (folder / CLEAN).open("w+b") as clean, (folder / THUMB).open("w+b") as thumb:
        held = sandbox.seal()
        try:
            held, form = _recognized(sent, limits, held)
            facts = _examine(sent, form, limits, (clean, thumb))
        except Unfit as no:
            return Examination(code=no.code, message=no.message, held=held)
        except MemoryError:
            return Examination(code="pixels", message="the file takes more memory than is given to one", held=held)
    return Examination(facts=facts, held=held)


def _recognized(sent: BinaryIO, limits: MediaLimits, held: SandboxReport) -> tuple[SandboxReport, FileForm]:
    """The form of a file, by its head and its size; then the sandbox is complete, before anything is parsed.

    Raises Unfit: `empty`, `form`, `bytes`; `sandbox` where it is required and something is not held.
    """
    form = form_of(sent.read(HEAD_BYTES))
    if sent.seek(0, os.SEEK_END) > limits.longest(form):
        raise Unfit("bytes", f"the file is larger than {limits.longest(form) // 1_000_000} MB")
    sent.seek(0)
    held = _close_files(held)
    if limits.sandboxed_only and held.missing:
        raise Unfit("sandbox", f"no file is looked into here: nothing keeps it from {', '.join(held.missing)}")
    return held, form


def _close_files(held: SandboxReport) -> SandboxReport:
    """Without Landlock, the filter refuses every opening of a file from here on, so all modules are loaded first."""
    if not held.files:
        from liveroom.media import picture, video

        picture.warm_up()
        video.warm_up()
    return sandbox.open_nothing_more(held)


def _examine(sent: BinaryIO, form: FileForm, limits: MediaLimits, copies: tuple[BinaryIO, BinaryIO]) -> Facts:
    """Facts of a file; the clean copy and the thumbnail are written to ``copies``. Raises Unfit."""
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


def form_of(head: bytes) -> FileForm:
    """The form of a file by its first HEAD_BYTES bytes; its name and a client's word for it count for nothing.

    Raises Unfit: `empty`, or `form` for one that is not taken.
    """
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
    if head.startswith(EBML) and DOCTYPE in head[:HEAD_BYTES]:
        return FileForm.WEBM
    raise Unfit("form", "only photos (JPEG, PNG, WebP, HEIC) and videos (MP4, WebM) are taken")


if __name__ == "__main__":
    main()
