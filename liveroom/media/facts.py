"""What is known of a photo or video once it was looked into, and the one way to say that it is not taken."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Form(StrEnum):
    """The forms that are taken, by their media type; told by content alone, never by a file's name."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    MP4 = "video/mp4"
    WEBM = "video/webm"

    @property
    def moving(self) -> bool:
        """Whether it is a video."""
        return self.value.startswith("video/")


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``photo_mb``, ``video_mb``: megabytes of a file; ``megapixels`` of a picture or frame; ``video_s`` seconds.

    ``look_s``: seconds that looking into a file may take. ``sandboxed_only``: not where something is left unheld.
    """

    photo_mb: int = 25
    video_mb: int = 200
    megapixels: int = 120
    video_s: int = 300
    look_s: int = 60
    sandboxed_only: bool = False

    def longest(self, form: Form) -> int:
        """Bytes that a file of this form may have."""
        return (self.video_mb if form.moving else self.photo_mb) * 1_000_000


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """``width`` and ``height`` as shown, pixels; ``seconds`` of a video; ``taken_at`` and the place as the file says.

    ``hashes``: perceptual hashes, hexadecimal, of the whole and of parts of it, ``turned`` of it turned; ``times`` is
    ``zone`` when the file told its zone, ``local`` when it only told the hands of its clock, None without a time.
    """

    form: Form
    width: int
    height: int
    hashes: tuple[str, ...]
    turned: tuple[str, ...] = ()
    seconds: float | None = None
    taken_at: datetime | None = None
    times: str | None = None
    lat: float | None = None
    lon: float | None = None
    software: bool = False


class Unfit(Exception):
    """It is not taken. ``code`` is one of a closed set, ``message`` says it to a person; neither holds its content."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
