"""Liveroom.media.picture."""

import math
import re
import warnings
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any, BinaryIO

from PIL import ExifTags, Image, ImageOps
from pillow_heif import register_heif_opener

from liveroom.domain.complaints.proof import Facts, FileForm, MediaLimits, Unfit
from liveroom.media import similarity

# What a file itself says of when and where it was taken: read with distrust, for anybody can write it.

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


# Looks into a photo and makes the copies that may leave the desk: turned upright, of bounded size, without tags.

DECODERS = {FileForm.JPEG: "JPEG", FileForm.PNG: "PNG", FileForm.WEBP: "WEBP", FileForm.HEIC: "HEIF"}
CLEAN_PX, THUMB_PX = 2560, 480
QUALITY = 85


def examine_picture(sent: BinaryIO, form: FileForm, limits: MediaLimits) -> tuple[Facts, bytes, bytes]:
    """Facts, clean copy and thumbnail (both JPEG). Raises Unfit: broken, or more pixels than are taken."""
    register_heif_opener()
    Image.MAX_IMAGE_PIXELS = limits.megapixels * 1_000_000
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(sent, formats=(DECODERS[form],)) as picture:
                told = of_picture(picture)
                upright = _upright(picture)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
            raise Unfit("pixels", f"the photo has more than {limits.megapixels} megapixels") from error
        except Exception as error:  # a decoder may raise anything on a hostile file
            raise Unfit("broken", "the photo cannot be read to its end") from error
    width, height = upright.size
    hashes, turned = similarity.hashes_of(upright), similarity.turned_hashes(upright)
    facts = Facts(form=form, width=width, height=height, hashes=hashes, turned=turned, **told)
    return facts, jpeg_of(upright, CLEAN_PX), jpeg_of(upright, THUMB_PX)


def warm_up() -> None:
    """Take one small picture of each form through all of it: whatever is loaded late is there afterwards."""
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = "x"
    for form in (FileForm.JPEG, FileForm.PNG, FileForm.WEBP):
        small = BytesIO()
        Image.new("RGB", (64, 48)).save(small, DECODERS[form], exif=exif)
        examine_picture(small, form, MediaLimits())


def _upright(picture: Image.Image) -> Image.Image:
    """The pixels alone, turned as the camera was held, at most twice as large as the clean copy."""
    picture.draft("RGB", (CLEAN_PX, CLEAN_PX))  # a JPEG decodes smaller at once
    picture.load()
    turned = ImageOps.exif_transpose(picture)
    turned.thumbnail((2 * CLEAN_PX, 2 * CLEAN_PX))
    plain = Image.new("RGB", turned.size, "white")
    flat = (
        turned.convert("RGBA") if "A" in turned.getbands() or "transparency" in turned.info else turned.convert("RGB")
    )
    plain.paste(flat, mask=flat.getchannel("A") if flat.mode == "RGBA" else None)
    return plain


def jpeg_of(picture: Image.Image, longest_px: int) -> bytes:
    """A JPEG of a picture's pixels, its longer side at most so long, with no metadata and no colour profile."""
    copy = picture.copy()
    copy.thumbnail((longest_px, longest_px))
    copy.info.clear()
    out = BytesIO()
    copy.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
