"""Settings of the wall's base map: the city's own outlines alone, or tiles of one address or file beneath them."""

from urllib.parse import urlsplit

import msgspec

from liveroom.errors import Fault

PLACES = ("{z}", "{x}", "{y}")


class MapSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``tiles``: an XYZ address with {z}, {x} and {y}, of this server (``/tiles/…``) or another's.

    ``file``: a PMTiles archive on this machine instead.
    """

    tiles: str = ""
    file: str = ""
    attribution: str = ""
    max_zoom: int = 18

    @property
    def pictures(self) -> str | None:
        """Whose pictures a page must be allowed to load, as its policy names them; None: only this server's own."""
        if self.file:
            # A tile cut out of the archive is shown from the page's own memory.
            return "blob:"
        parts = urlsplit(self.tiles)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


def check_map(settings: MapSettings, where: str) -> list[Fault]:
    """What is wrong with them."""
    if not (settings.tiles or settings.file):
        return []
    faults = _check_tiles(settings, where) if settings.tiles else []
    if settings.tiles and settings.file:
        faults.append(Fault(f"{where}: map.file", "cannot stand beside map.tiles: one of the two lies under the map"))
    if not settings.attribution.strip():
        faults.append(Fault(f"{where}: map.attribution", "is required with tiles: whose they are stands on the wall"))
    return faults


def _check_tiles(settings: MapSettings, where: str) -> list[Fault]:
    faults: list[Fault] = []
    parts = urlsplit(settings.tiles)
    address = parts.scheme in ("http", "https") and parts.hostname and not set(" ;,'\"{}") & set(parts.netloc)
    own = not parts.scheme and not parts.netloc and settings.tiles.startswith("/")
    if not (address or own) or any(place not in settings.tiles for place in PLACES):
        faults.append(Fault(f"{where}: map.tiles", "must be an http(s) address or a path with {z}, {x} and {y}"))
    if not 1 <= settings.max_zoom <= 22:
        faults.append(Fault(f"{where}: map.max_zoom", "must be 1 to 22"))
    return faults
