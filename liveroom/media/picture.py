"""Looks into a photo and makes the copies that may leave the desk: turned upright, of bounded size, without tags."""

import warnings
from io import BytesIO
from typing import BinaryIO

from PIL import ExifTags, Image, ImageOps
from pillow_heif import register_heif_opener

from liveroom.domain.complaints.proof import Facts, Form, MediaLimits, Unfit
from liveroom.media import likeness, origin

DECODERS = {Form.JPEG: "JPEG", Form.PNG: "PNG", Form.WEBP: "WEBP", Form.HEIC: "HEIF"}
CLEAN_PX, THUMB_PX = 2560, 480
QUALITY = 85


def examine_picture(sent: BinaryIO, form: Form, limits: MediaLimits) -> tuple[Facts, bytes, bytes]:
    """Facts, clean copy and thumbnail (both JPEG). Raises Unfit: broken, or more pixels than are taken."""
    register_heif_opener()
    Image.MAX_IMAGE_PIXELS = limits.megapixels * 1_000_000
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(sent, formats=(DECODERS[form],)) as picture:
                told = origin.of_picture(picture)
                upright = _upright(picture)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
            raise Unfit("pixels", f"the photo has more than {limits.megapixels} megapixels") from error
        except Exception as error:  # a decoder may raise anything on a hostile file
            raise Unfit("broken", "the photo cannot be read to its end") from error
    width, height = upright.size
    hashes, turned = likeness.hashes_of(upright), likeness.turned_hashes(upright)
    facts = Facts(form=form, width=width, height=height, hashes=hashes, turned=turned, **told)
    return facts, jpeg_of(upright, CLEAN_PX), jpeg_of(upright, THUMB_PX)


def warm_up() -> None:
    """Take one small picture of each form through all of it: whatever is loaded late is there afterwards."""
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = "x"
    for form in (Form.JPEG, Form.PNG, Form.WEBP):
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
