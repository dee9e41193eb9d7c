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


def sheet(pictures: Sequence[Image.Image]) -> Image.Image:
    """One row for each: colour, grey, deuteranopia, far."""
    rows = []
    for picture in pictures:
        large = scaled(picture.convert("RGB"), BESIDE)
        rows.append([large, seen(large, GREY), seen(large, DEUTERANOPIA), scaled(large, FAR)])
    widths = [BESIDE, BESIDE, BESIDE, FAR]
    whole = Image.new("RGB", (sum(widths) + GAP * 5, sum(row[0].height + GAP for row in rows) + GAP), "#444444")
    y = GAP
    for row in rows:
        x = GAP
        for one, width in zip(row, widths, strict=True):
            whole.paste(one, (x, y))
            x += width + GAP
        y += row[0].height + GAP
    return whole


@click.command()
@click.argument("pictures", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--into", required=True, type=click.Path(path_type=Path, dir_okay=False))
def main(pictures: Sequence[Path], into: Path) -> None:
    """Put PICTURES onto one sheet."""
    sheet([Image.open(path) for path in pictures]).save(into)
    click.echo(into)


if __name__ == "__main__":
    main()
