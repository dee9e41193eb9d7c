"""Short films, made here: pictures that move, a tone as a voice, and the tags that a phone writes."""

from fractions import Fraction
from pathlib import Path

import av
import numpy

from tests.rooms.street import View, street

KINDS = {"mp4": ("h264", "aac"), "webm": ("vp8", "libopus")}


def film(path: Path, *, seconds: float = 2.0, sound: bool = True, tags: dict[str, str] | None = None) -> Path:
    """Write a film whose kind is the path's extension; returns the path."""
    picture_codec, sound_codec = KINDS[path.suffix[1:]]
    options = {"movflags": "use_metadata_tags"} if path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=options) as out:
        out.metadata.update(tags or {})
        pictures = out.add_stream(picture_codec, rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 320, 240, "yuv420p"
        tone = out.add_stream(sound_codec, rate=48_000) if sound else None
        scene = street(3, View()).resize((480, 360))  # drawn once: whoever films walks past it
        for number in range(int(seconds * 10)):
            still = scene.crop((number, 60, number + 320, 300))
            out.mux(pictures.encode(av.VideoFrame.from_image(still)))
        if tone is not None:
            _tone(out, tone, seconds)
        out.mux(pictures.encode())
    return path


def _tone(out: av.container.OutputContainer, tone: av.AudioStream, seconds: float) -> None:
    wave = numpy.sin(numpy.arange(int(48_000 * seconds)) / 20).astype(numpy.float32)[None, :]
    frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = 48_000, Fraction(1, 48_000), 0
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48_000, frame_size=tone.frame_size or 960)
    for part in resampler.resample(frame):
        out.mux(tone.encode(part))
    out.mux(tone.encode())
