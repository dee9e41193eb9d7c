"""The settings of photos and videos: where they are kept, how large they may be, how long what is cut off waits."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from liveroom.domain.complaints.proof import MediaLimits
from liveroom.errors import Fault

Host = tuple[str, int]
STORES = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^?#\s]*)?$|file:///[^?#]+$")


def host_of(address: str) -> Host | None:
    """Name and port of an https address, or of a configured ``name`` or ``name:port``; None for what is neither."""
    try:
        parts = urlsplit(address if "//" in address else f"https://{address}")
        name, port = parts.hostname, parts.port or 443
    except ValueError:
        return None
    plain = parts.scheme == "https" and parts.username is None and parts.password is None
    return (name, port) if name and plain else None


class MediaSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``store`` empty: a folder in ``data_dir``; else ``s3://bucket/prefix``, its keys in the environment.

    ``fetch_from``: hosts (``name`` or ``name:port``) from which pictures that a source only links to are fetched, so
    that a proof can be held against them; none are fetched from anywhere else. ``unfinished_hours``: how long a
    broken-off upload waits; ``unused_hours``: a whole one that no form and no order uses. ``sandboxed_only``: no file
    is looked into where the machine cannot hold the process that does (docs/proof.md).

    Of what anybody may send without a log-in, in MB of a million bytes: ``public_mb`` may lie unclaimed in all,
    ``public_day_mb`` come in 24 hours in all, ``public_address_mb`` from one address; ``public_unfinished_minutes``:
    how long one that is broken off waits. ``reserve_mb``: room on the disk that is the log's alone.
    """

    store: str = ""
    photo_mb: int = 25
    video_mb: int = 200
    megapixels: int = 120
    video_s: int = 300
    unfinished_hours: int = 24
    unused_hours: int = 48
    sandboxed_only: bool = False
    reserve_mb: int = 512
    public_mb: int = 2000
    public_day_mb: int = 4000
    public_address_mb: int = 1000
    public_unfinished_minutes: int = 60
    fetch_from: tuple[str, ...] = ()

    @property
    def limits(self) -> MediaLimits:
        """What one file may be."""
        return MediaLimits(
            photo_mb=self.photo_mb,
            video_mb=self.video_mb,
            megapixels=self.megapixels,
            video_s=self.video_s,
            sandboxed_only=self.sandboxed_only,
        )

    @property
    def hosts(self) -> tuple[Host, ...]:
        """Names and ports to fetch from."""
        return tuple(host for name in self.fetch_from if (host := host_of(name)) is not None)


def check_media(media: MediaSettings, where: str) -> Sequence[Fault]:
    """What cannot be meant."""
    names = ("photo_mb", "video_mb", "megapixels", "video_s", "unfinished_hours", "unused_hours", "reserve_mb")
    public = ("public_mb", "public_day_mb", "public_address_mb", "public_unfinished_minutes")
    low = [name for name in (*names, *public) if getattr(media, name) < 1]
    faults = [Fault(f"{where}: media.{name}", "must be at least 1") for name in low]
    if media.store and not STORES.match(media.store):
        faults.append(
            Fault(f"{where}: media.store", "must be empty, s3://BUCKET, s3://BUCKET/PREFIX or file:///FOLDER")
        )
    for index, name in enumerate(media.fetch_from):
        if host_of(name) is None or set(name) & set("/@?#"):
            faults.append(Fault(f"{where}: media.fetch_from[{index}]", "must be a host name, with :port if not 443"))
    return faults
