"""The two packs as tests read them, and broken copies of one."""

import shutil
from functools import cache
from pathlib import Path

from liveroom.city.city import City
from liveroom.city.pack import load_city
from liveroom.runtime.disk import DiskCache
from tests.services.once import of_the_run

CITIES = Path(__file__).resolve().parents[2] / "cities"
PACKS = ("tangerang", "newyork")


def findings() -> DiskCache:
    """What is found out of packs in this run; that of another pack or another code is never taken."""
    return DiskCache(of_the_run() / "cache")


def city(name: str) -> City:
    """The city of that name with working time from 2018 to 2028."""
    return _read_once(CITIES / name, years=(2018, 2028))


@cache
def _read_once(folder: Path, *, years: tuple[int, int]) -> City:
    return load_city(folder, years=years, cache=findings())


def pack_of_this_tree(folder: Path, *, years: tuple[int, int], cache: DiskCache | None = None) -> City:
    """A pack for a room: one of this tree is read once for all rooms of a worker, any other as each start does."""
    if folder.resolve().parent == CITIES:
        return _read_once(folder.resolve(), years=years)
    return load_city(folder, years=years, cache=cache)


def broken(folder: Path, name: str, *edits: tuple[str, str, str]) -> Path:
    """A copy of a pack in which each edit (file, old text, new text) was made once; one that finds nothing fails."""
    copy = folder / name
    shutil.copytree(CITIES / name, copy)
    for file, old, new in edits:
        path = copy / file
        text = path.read_text("utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), "utf-8")
    return copy
