"""Videos, in the sandboxed child: facts, a poster, and the copy that may leave the desk, without sound and tags."""

import errno
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, BinaryIO

import av
from PIL import Image

from liveroom.domain.complaints.proof import Facts, FileForm, MediaLimits, Unfit
from liveroom.media.picture import CLEAN_PX, hashes_of, jpeg_of, video_tag_facts

# Named here, so that no file can choose a reader that opens other files or addresses.
READERS = {FileForm.MP4: "mov", FileForm.WEBM: "matroska"}
WRITERS = {FileForm.MP4: "mp4", FileForm.WEBM: "webm"}
CODECS = frozenset({"h264", "hevc", "mpeg4", "vp8", "vp9", "av1"})
POSTER_S = 1.0


def examine_video(sent: BinaryIO, form: FileForm, limits: MediaLimits, clean: BinaryIO) -> tuple[Facts, bytes]:
    """Facts and poster (JPEG); the silent copy is written to ``clean``. Raises Unfit: broken, codec, length, pixels."""
    try:
        with av.open(sent, format=READERS[form]) as file:
            stream = _stream(file, limits)
            taken = video_tag_facts({key.lower(): value for key, value in file.metadata.items()})
            poster, seconds = _poster(file, stream), _seconds(file, stream, limits)
        _silent_copy(sent, form, clean)
    except Unfit:
        raise
    except Exception as error:  # a demuxer may raise anything on a hostile file
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise  # the disk's fault, not the file's
        raise Unfit("broken", "the video cannot be read to its end") from error
    width, height = poster.size
    facts = Facts(form=form, width=width, height=height, seconds=seconds, hashes=hashes_of(poster), **taken)
    return facts, jpeg_of(poster, CLEAN_PX)


def warm_up() -> None:
    """Load the modules of the library that it would only load for a file that needs them."""
    for part in walk_packages(av.__path__, "av."):
        if not part.name.endswith("__main__"):
            import_module(part.name)


def _stream(file: Any, limits: MediaLimits) -> Any:
    if not file.streams.video:
        raise Unfit("broken", "the video holds no pictures")
    stream = file.streams.video[0]
    if stream.codec_context.name not in CODECS:
        raise Unfit("codec", "the video is of a kind that browsers do not play")
    if stream.codec_context.width * stream.codec_context.height > limits.megapixels * 1_000_000:
        raise Unfit("pixels", f"the video has more than {limits.megapixels} megapixels")
    return stream


def _seconds(file: Any, stream: Any, limits: MediaLimits) -> float:
    """The length that the file declares, in seconds. Raises Unfit: length."""
    length = float(file.duration or 0) / av.time_base or float((stream.duration or 0) * (stream.time_base or 0))
    if length > limits.video_s:
        raise Unfit("length", f"the video is longer than {limits.video_s} s")
    return round(length, 2)


def _poster(file: Any, stream: Any) -> Image.Image:
    """The first frame at or after POSTER_S, else the first of all."""
    first = None
    for frame in file.decode(stream):
        first = first or frame
        if frame.time is not None and frame.time >= POSTER_S:
            first = frame
            break
    if first is None:
        raise Unfit("broken", "the video holds no pictures")
    picture: Image.Image = first.to_image()
    return picture


def _silent_copy(sent: BinaryIO, form: FileForm, clean: BinaryIO) -> None:
    """Copy the video packets as they are. Voices are personal data and prove nothing, so they stay behind."""
    sent.seek(0)
    with av.open(sent, "r", format=READERS[form]) as file, av.open(clean, "w", format=WRITERS[form]) as out:
        source: Any = file.streams.video[0]
        target = out.add_stream_from_template(source)
        target.metadata.clear()
        for packet in file.demux(source):
            if packet.dts is not None:
                packet.stream = target
                out.mux(packet)
