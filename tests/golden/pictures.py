"""The golden pictures as they are kept, how a new one is compared with them, and the tour that shows them.

``python -m tests.golden.pictures`` (``make pictures``) renders all of `shots.txt` anew into docs/pictures/golden and
writes docs/tour.md; names of states after it render those alone. Look at what changed before it is committed.
"""

import json
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path

import click
import numpy as np
from PIL import Image, ImageChops

from tests.golden.renderer import STATES, renderer
from tests.golden.shots import LAYOUTS, Shot, listed
from tests.wall.fake_room import ROOT

PICTURES = ROOT / "docs" / "pictures" / "golden"
TOUR = ROOT / "docs" / "tour.md"
RENEW = "make pictures"
# A letter whose edge falls a fraction of a pixel elsewhere changes a square of so many px by less than this on average,
# of 255; another digit, a mark that is missing or a line that moved, by more.
SQUARE, TOLERANCE = 12, 6.0
# A page of one picture for each question that somebody asks of a wall.
QUESTIONS = {
    "map": "Where are they waiting?",
    "board": "What has to be done now?",
    "overdue": "Who is late, and how late?",
    "agencies": "Which agency is swamped?",
    "trend": "Today against a usual day?",
    "visit": "What has today brought?",
}
NAMES = {"id": "Indonesian", "en": "English", "es": "Spanish"}


def kept(shot: Shot) -> Path:
    """Where its picture lies."""
    return PICTURES / f"{shot.name}.webp"


def packed(picture: Image.Image) -> bytes:
    """As it is kept: not a pixel is lost."""
    held = BytesIO()
    picture.save(held, "WEBP", lossless=True, method=4)
    return held.getvalue()


def difference(new: Image.Image, old: Image.Image) -> float:
    """How far the square that changed most has changed, 0 to 255; 255 where the pictures are not of one size."""
    if new.size != old.size:
        return 255.0
    apart = np.asarray(ImageChops.difference(new.convert("RGB"), old.convert("RGB"))).max(axis=2).astype(float)
    height, width = (-(-side // SQUARE) * SQUARE for side in apart.shape)
    whole = np.zeros((height, width))
    whole[: apart.shape[0], : apart.shape[1]] = apart
    squares = whole.reshape(height // SQUARE, SQUARE, width // SQUARE, SQUARE)
    return float(squares.mean(axis=(1, 3)).max())


def show_difference(shot: Shot, new: Image.Image, folder: Path) -> tuple[Path, Path]:
    """Write the new picture, and beside it what changed: bright on the old one, which is dark; gives both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    ours, theirs = folder / f"{shot.name}.png", folder / f"{shot.name}-difference.png"
    new.save(ours)
    old = Image.open(kept(shot)).convert("RGB").resize(new.size) if kept(shot).exists() else Image.new("RGB", new.size)
    apart = ImageChops.difference(new, old).convert("L").point(lambda n: min(255, n * 4))
    Image.composite(Image.new("RGB", new.size, "white"), old.point(lambda n: n // 4), apart).save(theirs)
    return ours, theirs


def tour(shots: Iterable[Shot]) -> str:
    """docs/tour.md: each picture with a line of what it is, by state."""
    lines = [
        "# A tour of the wall",
        "",
        f"Written by `{RENEW}`, which renders each picture in Chromium from a scripted room whose clock stands still.",
        "The suite renders them again and compares. Every pair of scene, layout, language and state is in one of them.",
        "What each scene is for: [wall.md](wall.md). Spanish is a language of the second city, New York; over the",
        "names of the first one it shows that its words have room.",
    ]
    for state, found in _by_state(shots):
        about = STATES / f"{state}.json"
        lines += ["", f"## {state.replace('-', ' ').capitalize()}", "", f"{_says(about)}."]
        for shot in found:
            where = f"scene {shot.scene}, {LAYOUTS[shot.layout].says}, in {NAMES[shot.language]}"
            what = f"{QUESTIONS[shot.scene]} ({where})"
            lines += ["", f"![{what}]({kept(shot).relative_to(TOUR.parent)})", "", what]
    return "\n".join(lines) + "\n"


def _by_state(shots: Iterable[Shot]) -> list[tuple[str, list[Shot]]]:
    found: dict[str, list[Shot]] = {}
    for shot in shots:
        found.setdefault(shot.state, []).append(shot)
    return list(found.items())


def _says(state: Path) -> str:
    return str(json.loads(state.read_text(encoding="utf-8"))["says"]).rstrip(".")


@click.command()
@click.argument("states", nargs=-1)
def main(states: Sequence[str]) -> None:
    """Render all golden pictures, or those of STATES, and write the tour."""
    shots = listed()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in set(PICTURES.glob("*.webp")) - {kept(shot) for shot in shots}:
        old.unlink()
    with renderer() as ours:
        for shot in shots:
            if states and shot.state not in states:
                continue
            new = ours.picture(shot)
            if kept(shot).exists() and not difference(new, Image.open(kept(shot))):
                continue
            kept(shot).write_bytes(packed(new))
            click.echo(kept(shot).relative_to(ROOT))
    TOUR.write_text(tour(shots), encoding="utf-8")


if __name__ == "__main__":
    main()
