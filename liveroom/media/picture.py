"""Photos, in the sandboxed child: EXIF, perceptual hashes, and the copies that may leave the desk.

- `examine_picture`: a file -> Facts, clean copy and thumbnail: upright, of bounded size, without tags.
- `exif_facts`, `video_tag_facts`: when and where it was taken, by the file's own words. Anybody can write them, so they
  are read with distrust: what cannot be read is left out, nothing is raised.
- `hashes_of`, `turned_hashes`: what similarity.py compares in the serving process, which loads no image library.
"""

import math
import re
import warnings
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any, BinaryIO

import imagehash
from PIL import ExifTags, Image, ImageOps
from pillow_heif import register_heif_opener

from liveroom.domain.complaints.proof import Facts, FileForm, MediaLimits, Unfit

DECODERS = {FileForm.JPEG: "JPEG", FileForm.PNG: "PNG", FileForm.WEBP: "WEBP", FileForm.HEIC: "HEIF"}
CLEAN_PX, THUMB_PX = 2560, 480
QUALITY = 85

# Metadata: EXIF's date and time zone, the place of a video's tags, and words of editing and generating software.
DATE = "%Y:%m:%d %H:%M:%S"
ZONE = re.compile(r"^([+-])(\d\d):(\d\d)$")
ISO_6709 = re.compile(r"^([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)")
EDITORS = ("photoshop", "gimp", "midjourney", "dall", "firefly", "stable diffusion", "canva", "generative", "picsart")

# Hashes of 16 x 16 bits, made from a grey picture of this size.
HASH_PX, HASH_SIZE = 256, 16
EVEN = (0.0, 0.05, 0.1, 0.15, 0.2)
# Shares of width and height cut off: left, top, right, bottom. The first is the whole.
CUTS = (
    *((share, share, share, share) for share in EVEN),
    (0.0, 0.0, 0.25, 0.0),
    (0.25, 0.0, 0.0, 0.0),
    (0.0, 0.25, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.25),
    (0.0, 0.0, 0.2, 0.2),
    (0.2, 0.0, 0.0, 0.2),
    (0.0, 0.2, 0.2, 0.0),
    (0.2, 0.2, 0.0, 0.0),
)
TURNS = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
    Image.Transpose.FLIP_LEFT_RIGHT,
)

# Fields of Facts: ``taken_at``, ``times`` (zone or local), ``lat``, ``lon``, ``software``.
Taken = dict[str, Any]


def examine_picture(sent: BinaryIO, form: FileForm, limits: MediaLimits) -> tuple[Facts, bytes, bytes]:
    """Facts, clean copy and thumbnail (both JPEG). Raises Unfit: broken, or more pixels than are taken."""
    register_heif_opener()
    Image.MAX_IMAGE_PIXELS = limits.megapixels * 1_000_000
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(sent, formats=(DECODERS[form],)) as picture:
                taken = exif_facts(picture)
                upright = _upright(picture)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
            raise Unfit("pixels", f"the photo has more than {limits.megapixels} megapixels") from error
        except Exception as error:  # a decoder may raise anything on a hostile file
            raise Unfit("broken", "the photo cannot be read to its end") from error
    width, height = upright.size
    hashes, turned = hashes_of(upright), turned_hashes(upright)
    facts = Facts(form=form, width=width, height=height, hashes=hashes, turned=turned, **taken)
    return facts, jpeg_of(upright, CLEAN_PX), jpeg_of(upright, THUMB_PX)


def warm_up() -> None:
    """Examine one small picture of each form, so that every module that is loaded late is loaded now."""
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
    transparent = "A" in turned.getbands() or "transparency" in turned.info
    pixels = turned.convert("RGBA" if transparent else "RGB")
    plain = Image.new("RGB", turned.size, "white")
    plain.paste(pixels, mask=pixels.getchannel("A") if transparent else None)
    return plain


def jpeg_of(picture: Image.Image, longest_px: int) -> bytes:
    """A JPEG of a picture's pixels without metadata and colour profile, its longer side at most ``longest_px``."""
    copy = picture.copy()
    copy.thumbnail((longest_px, longest_px))
    copy.info.clear()
    out = BytesIO()
    copy.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


# Time and place by the file's own words.


def exif_facts(picture: Image.Image) -> Taken:
    """Time, place and editing software by a picture's EXIF, as far as they can be read."""
    try:
        exif = picture.getexif()
        inner, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:  # noqa: BLE001 - broken metadata is no metadata, whatever the parser meets in it
        return {}
    software = str(exif.get(ExifTags.Base.Software, "")).lower()
    return {
        **_time(inner.get(ExifTags.Base.DateTimeOriginal), inner.get(ExifTags.Base.OffsetTimeOriginal)),
        **_place(gps),
        "software": any(name in software for name in EDITORS),
    }


def video_tag_facts(metadata: dict[str, str]) -> Taken:
    """Time and place by a video's tags (names in lower case); phones write UTC and ISO 6709."""
    taken: Taken = {}
    try:
        at = datetime.fromisoformat(metadata.get("creation_time", "").replace("Z", "+00:00"))
        if at.tzinfo is not None and at.year > 1990:
            taken |= {"taken_at": at.astimezone(UTC), "times": "zone"}
    except ValueError:
        pass
    found = ISO_6709.match(metadata.get("location") or metadata.get("com.apple.quicktime.location.ISO6709") or "")
    return taken | (_degrees(float(found[1]), float(found[2])) if found else {})


def _time(text: object, offset: object) -> Taken:
    try:
        local = datetime.strptime(str(text).strip("\x00 "), DATE).replace(tzinfo=UTC)
    except ValueError:
        return {}
    zone = ZONE.match(str(offset or "").strip("\x00 "))
    if zone is None:
        return {"taken_at": local, "times": "local"}
    offset_from_utc = timedelta(hours=int(zone[2]), minutes=int(zone[3])) * (-1 if zone[1] == "-" else 1)
    if abs(offset_from_utc) >= timedelta(hours=24):
        return {"taken_at": local, "times": "local"}
    return {"taken_at": local.replace(tzinfo=timezone(offset_from_utc)).astimezone(UTC), "times": "zone"}


def _place(gps: Any) -> Taken:
    try:
        lat = _decimal(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
        lon = _decimal(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return {}
    return _degrees(lat, lon)


def _decimal(parts: Any, letter: object, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in tuple(parts)[:3])
    return (degrees + minutes / 60 + seconds / 3600) * (-1 if str(letter).upper().startswith(negative) else 1)


def _degrees(lat: float, lon: float) -> Taken:
    if not (math.isfinite(lat) and math.isfinite(lon)) or abs(lat) > 90 or abs(lon) > 180 or (lat == 0 and lon == 0):
        return {}
    return {"lat": round(lat, 6), "lon": round(lon, 6)}


# Perceptual hashes.


def hashes_of(picture: Image.Image) -> tuple[str, ...]:
    """The perceptual hashes of a picture: of the whole, then of its parts, 64 hexadecimal digits each."""
    small = _small(picture)
    return tuple(str(imagehash.phash(_cut(small, cut), hash_size=HASH_SIZE)) for cut in CUTS)


def turned_hashes(picture: Image.Image) -> tuple[str, ...]:
    """The hashes of the whole picture turned three times and mirrored: how an old picture is passed off as new."""
    small = _small(picture)
    return tuple(str(imagehash.phash(small.transpose(turn), hash_size=HASH_SIZE)) for turn in TURNS)


def _cut(picture: Image.Image, cut: tuple[float, float, float, float]) -> Image.Image:
    left, top, right, bottom = cut
    width, height = picture.size
    return picture.crop((int(left * width), int(top * height), int((1 - right) * width), int((1 - bottom) * height)))


def _small(picture: Image.Image) -> Image.Image:
    return picture.convert("L").resize((HASH_PX, HASH_PX), Image.Resampling.BILINEAR)
