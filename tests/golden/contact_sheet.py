"""Pictures side by side as different eyes see them: in colour, in grey, with deuteranopia, and from so far away that
each is 200 px wide. ``python -m tests.golden.contact_sheet PICTURE... --into sheet.png``
"""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from PIL import Image

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB: the same as in colours.test.js.
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
)
GREY = np.tile([0.2126, 0.7152, 0.0722], (3, 1))
BESIDE, FAR, GAP = 640, 200, 16


def seen(picture: Image.Image, matrix: np.ndarray) -> Image.Image:
    """The picture with that matrix applied to its light."""
    share = np.asarray(picture.convert("RGB")) / 255
    light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    kept = np.clip(light @ matrix.T, 0, 1)
    coded = np.where(kept <= 0.0031308, kept * 12.92, 1.055 * kept ** (1 / 2.4) - 0.055)
    return Image.fromarray((coded * 255).round().astype(np.uint8))


def scaled(picture: Image.Image, width: int) -> Image.Image:
    """As wide as that."""
    return picture.resize((width, max(1, round(picture.height * width / picture.width))), Image.Resampling.LANCZOS)


def sheet(paths: Sequence[Path]) -> Image.Image:
    """One row for each: colour, grey, deuteranopia, and the three from afar beneath each other."""
    rows = []
    for path in paths:
        with Image.open(path) as picture:
            large = scaled(picture.convert("RGB"), BESIDE)
        eyes = [large, seen(large, GREY), seen(large, DEUTERANOPIA)]
        rows.append((eyes, [scaled(one, FAR) for one in eyes]))
    heights = [max(eyes[0].height, sum(one.height + GAP for one in far) - GAP) for eyes, far in rows]
    whole = Image.new("RGB", (3 * BESIDE + FAR + 5 * GAP, sum(heights) + GAP * (len(rows) + 1)), "#444444")
    top = GAP
    for (eyes, far), height in zip(rows, heights, strict=True):
        for i, one in enumerate(eyes):
            whole.paste(one, (GAP + i * (BESIDE + GAP), top))
        for i, one in enumerate(far):
            whole.paste(one, (GAP + 3 * (BESIDE + GAP), top + i * (one.height + GAP)))
        top += height + GAP
    return whole


@click.command()
@click.argument("pictures", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--into", required=True, type=click.Path(path_type=Path, dir_okay=False))
def main(pictures: Sequence[Path], into: Path) -> None:
    """Put PICTURES onto one sheet."""
    sheet(pictures).save(into)
    click.echo(into)


if __name__ == "__main__":
    main()
