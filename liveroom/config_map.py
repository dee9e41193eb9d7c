"""Settings of the wall's base map: the city's own outlines alone, or tiles of one address beneath them."""

from urllib.parse import urlsplit

import msgspec

from liveroom.errors import Fault

PLACES = ("{z}", "{x}", "{y}")


class MapSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``tiles``: an XYZ address with {z}, {x} and {y}, of this server (``/tiles/…``) or another's."""

    tiles: str = ""
    attribution: str = ""
    max_zoom: int = 18

    @property
    def origin(self) -> str | None:
        """Whose pictures a page must be allowed to load; None: only this server's own."""
        parts = urlsplit(self.tiles)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


def check_map(settings: MapSettings, where: str) -> list[Fault]:
    """What is wrong with them."""
    faults: list[Fault] = []
    if not settings.tiles:
        return faults
    parts = urlsplit(settings.tiles)
    address = parts.scheme in ("http", "https") and parts.hostname and not set(" ;,'\"{}") & set(parts.netloc)
    own = not parts.scheme and not parts.netloc and settings.tiles.startswith("/")
    if not (address or own) or any(place not in settings.tiles for place in PLACES):
        faults.append(Fault(f"{where}: map.tiles", "must be an http(s) address or a path with {z}, {x} and {y}"))
    if not settings.attribution.strip():
        faults.append(Fault(f"{where}: map.attribution", "is required with tiles: whose they are stands on the wall"))
    if not 1 <= settings.max_zoom <= 22:
        faults.append(Fault(f"{where}: map.max_zoom", "must be 1 to 22"))
    return faults
