"""Perceptual hashes of a picture: of the whole, of its parts and of it turned; similarity.py compares them."""

import imagehash
from PIL import Image

WORK_PX = 256
SIZE = 16
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
WAYS = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
    Image.Transpose.FLIP_LEFT_RIGHT,
)


def hashes_of(picture: Image.Image) -> tuple[str, ...]:
    """The hashes that a picture is kept by: the whole, then its parts, 64 hexadecimal digits each."""
    small = _small(picture)
    return tuple(str(imagehash.phash(_cut(small, cut), hash_size=SIZE)) for cut in CUTS)


def turned_hashes(picture: Image.Image) -> tuple[str, ...]:
    """The whole picture's hash when turned three times and mirrored: the ways in which one is passed off anew."""
    small = _small(picture)
    return tuple(str(imagehash.phash(small.transpose(way), hash_size=SIZE)) for way in WAYS)


def _cut(picture: Image.Image, cut: tuple[float, float, float, float]) -> Image.Image:
    left, top, right, bottom = cut
    width, height = picture.size
    return picture.crop((int(left * width), int(top * height), int((1 - right) * width), int((1 - bottom) * height)))


def _small(picture: Image.Image) -> Image.Image:
    return picture.convert("L").resize((WORK_PX, WORK_PX), Image.Resampling.BILINEAR)
