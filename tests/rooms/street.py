"""Made-up streets, drawn from a number: a damaged road as a citizen sees it, and as it looks after the work.

A view has a place to stand, so that near and far things move against each other as they do for a second photographer.
"""

from dataclasses import dataclass
from random import Random

import numpy
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 960, 720
HORIZON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """``aside`` pixels right, ``near`` times closer, ``tilt`` degrees, ``light`` 1 = noon, ``sky`` its clouds."""

    aside: float = 0.0
    near: float = 1.0
    tilt: float = 0.0
    light: float = 1.0
    sky: int = 0


def street(number: int, view: View, *, repaired: bool = False) -> Image.Image:
    """The street of that number, 960 by 720 pixels."""
    chance = Random(number)
    picture = _sky(number * 1000 + view.sky)
    draw = ImageDraw.Draw(picture)
    _houses(draw, chance, view)
    _ground(picture, draw, chance, view)
    _things(draw, chance, view)
    _damage(picture, chance, view, repaired=repaired)
    turned = picture.rotate(view.tilt, Image.Resampling.BILINEAR, fillcolor=(120, 120, 120))
    return _grain(turned, number * 77 + view.sky, view.light)


def painted_out(number: int, original: Image.Image) -> Image.Image:
    """The citizen's own picture with the damage painted over: what a fabricated proof is."""
    chance, copy = Random(number), original.copy()
    box = _damage_box(_skip(chance), View())
    down = box[3] - box[1] + 20
    patch = copy.crop((box[0], box[1] + down, box[2], box[3] + down)).filter(ImageFilter.GaussianBlur(1))
    mask = Image.new("L", patch.size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, *patch.size), fill=255)
    copy.paste(patch, box[:2], mask.filter(ImageFilter.GaussianBlur(6)))
    return copy


def _skip(chance: Random) -> Random:
    """The same number's chance, as far as the damage."""
    scratch = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(scratch)
    _houses(draw, chance, View())
    _ground(scratch, draw, chance, View())
    _things(draw, chance, View())
    return chance


def _sky(seed: int) -> Image.Image:
    noise = numpy.random.default_rng(seed).integers(150, 245, (6, 8), dtype=numpy.uint8)
    clouds = Image.fromarray(noise).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    return Image.merge("RGB", (clouds.point(lambda v: int(v * 0.8)), clouds.point(lambda v: int(v * 0.92)), clouds))


def _houses(draw: ImageDraw.ImageDraw, chance: Random, view: View) -> None:
    left = -200.0
    while left < WIDTH + 250:
        wide, high = chance.randint(70, 220), chance.randint(70, 240)
        colour = tuple(chance.randint(70, 210) for _ in range(3))
        x = (left - WIDTH / 2) * view.near - view.aside * 0.35 + WIDTH / 2
        w, top = wide * view.near, HORIZON - high * view.near
        draw.rectangle((x, top, x + w, HORIZON + 20), fill=colour)
        draw.polygon(
            ((x - 8, top), (x + w / 2, top - chance.randint(10, 60)), (x + w + 8, top)),
            fill=(120, chance.randint(40, 80), 40),
        )
        for row in range(chance.randint(1, 3)):
            for column in range(chance.randint(1, 4)):
                wx, wy = x + 12 + column * w / 4, top + 16 + row * 44 * view.near
                draw.rectangle((wx, wy, wx + w / 7, wy + 24 * view.near), fill=(40, 50, chance.randint(50, 90)))
        left += wide + chance.randint(-10, 60)


def _ground(picture: Image.Image, draw: ImageDraw.ImageDraw, chance: Random, view: View) -> None:
    centre = chance.randint(380, 580) - view.aside * 0.6
    verge, asphalt = (chance.randint(80, 130), chance.randint(110, 150), 70), chance.randint(80, 115)
    draw.rectangle((0, HORIZON + 10, WIDTH, HEIGHT), fill=verge)
    foot = chance.randint(320, 460) * view.near
    draw.polygon(
        (
            (centre - 50, HORIZON + 10),
            (centre + 50, HORIZON + 10),
            (centre + foot - view.aside, HEIGHT),
            (centre - foot - view.aside, HEIGHT),
        ),
        fill=(asphalt, asphalt, asphalt + 4),
    )
    rough = numpy.random.default_rng(chance.randint(0, 9999)).normal(0, 14, (HEIGHT - HORIZON, WIDTH))
    ground = numpy.asarray(picture, dtype=numpy.int16).copy()
    ground[HORIZON:] = numpy.clip(ground[HORIZON:] + numpy.roll(rough, int(-view.aside), axis=1)[..., None], 0, 255)
    picture.paste(Image.fromarray(ground.astype(numpy.uint8)))


def _things(draw: ImageDraw.ImageDraw, chance: Random, view: View) -> None:
    for _ in range(chance.randint(2, 6)):
        x, size = chance.randint(0, WIDTH), chance.randint(50, 130) * view.near
        x = (x - WIDTH / 2) * view.near - view.aside * chance.uniform(0.5, 0.9) + WIDTH / 2
        green = (chance.randint(30, 70), chance.randint(80, 130), 40)
        draw.rectangle((x - 6, HORIZON - 20, x + 6, HORIZON + 70 * view.near), fill=(80, 60, 40))
        draw.ellipse((x - size / 2, HORIZON - size, x + size / 2, HORIZON), fill=green)
    for _ in range(chance.randint(0, 2)):
        x, colour = chance.randint(80, 880), tuple(chance.randint(30, 220) for _ in range(3))
        x = (x - WIDTH / 2) * view.near - view.aside + WIDTH / 2
        draw.rounded_rectangle((x, HORIZON + 40, x + 120 * view.near, HORIZON + 40 + 60 * view.near), 14, fill=colour)


def _damage_box(chance: Random, view: View) -> tuple[int, int, int, int]:
    x, y = chance.randint(400, 560) - view.aside * 0.95, chance.randint(480, 580)
    wide, high = chance.randint(120, 220) * view.near, chance.randint(50, 90) * view.near
    return int(x - wide / 2), int(y - high / 2), int(x + wide / 2), int(y + high / 2)


def _damage(picture: Image.Image, chance: Random, view: View, *, repaired: bool) -> None:
    box = _damage_box(chance, view)
    draw = ImageDraw.Draw(picture)
    if repaired:
        draw.rectangle((box[0] - 20, box[1] - 8, box[2] + 20, box[3] + 8), fill=(58, 58, 60))
        return
    draw.ellipse(box, fill=(46, 40, 34))
    draw.ellipse((box[0] + 20, box[1] + 10, box[2] - 30, box[3] - 12), fill=(92, 82, 66))
    for _ in range(12):
        x, y = chance.randint(box[0] - 30, box[2] + 30), chance.randint(box[1] - 10, box[3] + 10)
        draw.ellipse((x, y, x + 9, y + 5), fill=(70, 64, 56))


def _grain(picture: Image.Image, seed: int, light: float) -> Image.Image:
    pixels = numpy.asarray(picture, dtype=numpy.float32) * light
    noise = numpy.random.default_rng(seed).normal(0, 5, pixels.shape)
    return Image.fromarray(numpy.clip(pixels + noise, 0, 255).astype(numpy.uint8)).filter(ImageFilter.GaussianBlur(0.7))
