"""What a file itself says of when and where it was taken: read with distrust, for anybody can write it."""

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from PIL import ExifTags, Image

DATE = "%Y:%m:%d %H:%M:%S"
ZONE = re.compile(r"^([+-])(\d\d):(\d\d)$")
ISO_6709 = re.compile(r"^([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)")
EDITORS = ("photoshop", "gimp", "midjourney", "dall", "firefly", "stable diffusion", "canva", "generative", "picsart")
Told = dict[str, Any]


def of_picture(picture: Image.Image) -> Told:
    """``taken_at``, ``times``, ``lat``, ``lon``, ``software`` of a picture's EXIF, as far as they can be read."""
    try:
        exif = picture.getexif()
        inner, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:  # noqa: BLE001 - broken metadata is no metadata, whatever the parser meets in it
        return {}
    said = str(exif.get(ExifTags.Base.Software, "")).lower()
    return {
        **_time(inner.get(ExifTags.Base.DateTimeOriginal), inner.get(ExifTags.Base.OffsetTimeOriginal)),
        **_place(gps),
        "software": any(name in said for name in EDITORS),
    }


def of_video(metadata: dict[str, str]) -> Told:
    """The same of a video's tags; phones write the time in UTC and the place as ISO 6709."""
    told: Told = {}
    try:
        at = datetime.fromisoformat(metadata.get("creation_time", "").replace("Z", "+00:00"))
        if at.tzinfo is not None and at.year > 1990:
            told |= {"taken_at": at.astimezone(UTC), "times": "zone"}
    except ValueError:
        pass
    found = ISO_6709.match(metadata.get("location") or metadata.get("com.apple.quicktime.location.ISO6709") or "")
    return told | (_degrees(float(found[1]), float(found[2])) if found else {})


def _time(text: object, offset: object) -> Told:
    try:
        hands = datetime.strptime(str(text).strip("\x00 "), DATE).replace(tzinfo=UTC)
    except ValueError:
        return {}
    zone = ZONE.match(str(offset or "").strip("\x00 "))
    if zone is None:
        return {"taken_at": hands, "times": "local"}
    away = timedelta(hours=int(zone[2]), minutes=int(zone[3])) * (-1 if zone[1] == "-" else 1)
    if abs(away) >= timedelta(hours=24):
        return {"taken_at": hands, "times": "local"}
    return {"taken_at": hands.replace(tzinfo=timezone(away)).astimezone(UTC), "times": "zone"}


def _place(gps: Any) -> Told:
    try:
        lat = _decimal(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
        lon = _decimal(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return {}
    return _degrees(lat, lon)


def _decimal(parts: Any, letter: object, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in tuple(parts)[:3])
    return (degrees + minutes / 60 + seconds / 3600) * (-1 if str(letter).upper().startswith(negative) else 1)


def _degrees(lat: float, lon: float) -> Told:
    if not (math.isfinite(lat) and math.isfinite(lon)) or abs(lat) > 90 or abs(lon) > 180 or (lat == 0 and lon == 0):
        return {}
    return {"lat": round(lat, 6), "lon": round(lon, 6)}
