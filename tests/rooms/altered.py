"""What is done to a picture to pass it off as a new one, and what an honest second photographer gets."""

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageEnhance

from tests.rooms.street import View, painted_out, street

Change = Callable[[Image.Image], Image.Image]


def squeezed(picture: Image.Image, quality: int) -> Image.Image:
    """Through JPEG once more."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


def cropped(picture: Image.Image, share: float) -> Image.Image:
    """So much cut off at each side."""
    width, height = picture.size
    return picture.crop((int(share * width), int(share * height), int((1 - share) * width), int((1 - share) * height)))


def stamped(picture: Image.Image) -> Image.Image:
    """With a camera app's words in a corner."""
    copy = picture.copy()
    draw = ImageDraw.Draw(copy)
    draw.rectangle((10, copy.height - 90, 420, copy.height - 10), fill=(0, 0, 0))
    draw.text((20, copy.height - 70), "24 Nov 2026 10.12  Kel. Buaran Indah", fill=(255, 255, 255))
    return copy


REUSED: Mapping[str, Change] = {
    "compressed to 30": lambda p: squeezed(p, 30),
    "half the size": lambda p: p.resize((p.width // 2, p.height // 2)),
    "cropped 5 %": lambda p: cropped(p, 0.05),
    "cropped 10 %": lambda p: cropped(p, 0.10),
    "cropped 15 %": lambda p: cropped(p, 0.15),
    "a quarter cut off": lambda p: p.crop((0, 0, int(0.75 * p.width), p.height)),
    "brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.3),
    "darker, less colour": lambda p: ImageEnhance.Color(ImageEnhance.Brightness(p).enhance(0.7)).enhance(0.4),
    "stamped": stamped,
    "straightened 3 degrees": lambda p: cropped(p.rotate(3, Image.Resampling.BILINEAR), 0.06),
    "turned 90": lambda p: p.transpose(Image.Transpose.ROTATE_90),
    "turned 180": lambda p: p.transpose(Image.Transpose.ROTATE_180),
    "mirrored": lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}
FABRICATED: Mapping[str, Change] = {
    "as it is": lambda p: squeezed(p, 75),
    "cropped 5 %, brighter": lambda p: squeezed(cropped(ImageEnhance.Brightness(p).enhance(1.15), 0.05), 60),
    "cropped 10 %, stamped": lambda p: squeezed(stamped(cropped(p, 0.10)), 60),
}


def cheats(number: int) -> Iterator[tuple[str, Image.Image]]:
    """Pictures that are the citizen's own one, altered: reused as it is, and with the damage painted out."""
    original = street(number, View())
    yield from ((f"reused, {name}", change(original)) for name, change in REUSED.items())
    painted = painted_out(number, original)
    yield from ((f"painted out, {name}", change(painted)) for name, change in FABRICATED.items())


def honest(number: int) -> Iterator[tuple[str, Image.Image]]:
    """Pictures of the same place after the work, by somebody who stood where the citizen stood, more or less."""
    chance = Random(number * 31)
    for name, aside, near in (
        ("a step aside", 60, 0.1),
        ("three steps aside", 160, 0.2),
        ("from elsewhere", 320, 0.35),
    ):
        view = View(
            aside=chance.choice((-1, 1)) * aside * chance.uniform(0.8, 1.2),
            near=1 + chance.choice((-1, 1)) * near * chance.uniform(0.7, 1.2),
            tilt=chance.uniform(-3, 3),
            light=chance.uniform(0.75, 1.2),
            sky=chance.randint(1, 999),
        )
        yield f"same place, {name}", squeezed(street(number, view, repaired=True), 85)
    yield "another place", squeezed(street(number + 5000, View(), repaired=True), 85)
