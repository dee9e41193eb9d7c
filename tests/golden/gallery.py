"""The wall's scenes on every size of wall, as different eyes see them, and beside the sketches they come from.

``python -m tests.golden.gallery --into FOLDER --sketches FOLDER`` renders each scene of `SHOWN` at each size of
`SIZES`, puts those of one size on one contact sheet (colour, grey, deuteranopia, each also at 200 px), and writes
``index.html``. A sketch is a picture of the scene's own name, such as ``flood.png``, or of the size's, for its map.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import click

from tests.golden.contact_sheet import sheet
from tests.golden.renderer import Renderer, renderer
from tests.golden.shots import Shot

# What a visitor is shown, each as a state of the room and a scene of the wall; lost data in both its turns.
SHOWN = {
    "map": ("busy-morning", "map"),
    "flood": ("flood", "map"),
    "board": ("busy-morning", "board"),
    "overdue": ("busy-morning", "overdue"),
    "agencies": ("busy-morning", "agencies"),
    "trend": ("busy-morning", "trend"),
    "quiet": ("quiet-night", "map"),
    "lost": ("feed-lost", "map"),
    "lost-dark": ("feed-lost-swapped", "map"),
    "drill": ("drill", "map"),
    "visit": ("visit", "visit"),
}


@dataclass(frozen=True, slots=True)
class Size:
    """A wall of a layout in `shots`, with `scale` pixels for each of its page's; its map has a sketch of that name."""

    layout: str
    scale: float
    sketch: str


SIZES = {
    "1920x1080": Size("fine", 1, "map"),
    "3840x2160": Size("fine", 2, "map-4k"),
    "2160x3840": Size("portrait", 2, "portrait"),
    "5760x2160": Size("wide", 2, "wide"),
}
STYLE = """
body { margin: 2rem; background: #333; color: #eee; font: 16px sans-serif; }
figure { display: inline-block; width: 49%; margin: 0 0 1rem; vertical-align: top; }
img { max-width: 100%; max-height: 90vh; }
.seen { max-height: none; }
"""


def rendered(ours: Renderer, size: Size, names: Sequence[str], into: Path, language: str) -> list[Path]:
    """The pictures of those scenes, written there as NAME.png."""
    into.mkdir(parents=True, exist_ok=True)
    found = []
    for name in names:
        state, scene = SHOWN[name]
        path = into / f"{name}.png"
        ours.picture(Shot(state, scene, size.layout, language), size.scale).save(path)
        found.append(path)
    return found


def sketch_of(name: str, size: Size, sketches: Path | None) -> Path | None:
    """The sketch of that scene on that size of wall; None where nobody drew it."""
    path = sketches and sketches / f"{size.sketch if name == 'map' else name}.png"
    return path if path and path.exists() and (name == "map" or size.layout == "fine") else None


def page(pictures: Mapping[str, Sequence[Path]], sheets: Mapping[str, Path], sketches: Path | None) -> str:
    """The page's HTML: of each size every picture beside its sketch, then its contact sheet."""
    lines = ["<!doctype html>", '<meta charset="utf-8">', "<title>The wall</title>", f"<style>{STYLE}</style>"]
    for name, found in pictures.items():
        lines.append(f"<h1>{escape(name)}</h1>")
        for path in found:
            lines.append(f"<h2>{escape(path.stem)}</h2>")
            drawn = sketch_of(path.stem, SIZES[name], sketches)
            for says, shown in (("ours", path), ("sketch", drawn)):
                if shown:
                    where = escape(shown.resolve().as_uri())
                    lines.append(f'<figure><img src="{where}" alt=""><figcaption>{says}</figcaption></figure>')
        lines.append("<h2>In colour, in grey, with deuteranopia, and each at 200 px</h2>")
        lines.append(f'<img class="seen" src="{escape(sheets[name].resolve().as_uri())}" alt="">')
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--into", required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--sketches", type=click.Path(path_type=Path, exists=True, file_okay=False), help="What to stand beside.")
@click.option("--size", "sizes", multiple=True, type=click.Choice(list(SIZES)), help="These alone.")
@click.option("--scene", "scenes", multiple=True, type=click.Choice(list(SHOWN)), help="These alone.")
@click.option("--lang", default="id")
def main(into: Path, sketches: Path | None, sizes: Sequence[str], scenes: Sequence[str], lang: str) -> None:
    """Render the wall into a folder: pictures, contact sheets, and a page that shows them."""
    pictures, sheets = {}, {}
    with renderer() as ours:
        for name in sizes or SIZES:
            pictures[name] = rendered(ours, SIZES[name], scenes or list(SHOWN), into / name, lang)
            sheets[name] = into / f"sheet-{name}.png"
            sheet(pictures[name]).save(sheets[name])
            click.echo(sheets[name])
    (into / "index.html").write_text(page(pictures, sheets, sketches), encoding="utf-8")
    click.echo(into / "index.html")


if __name__ == "__main__":
    main()
