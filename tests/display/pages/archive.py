"""Small PMTiles archives over a city, written here: of pictures, and of streets as vector tiles."""

import gzip
import math
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from PIL import Image
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from liveroom.city.city import City

Line = Sequence[tuple[int, int]]
EXTENT = 4096
LINE, AREA = 2, 3


def raster_archive(path: Path, city: City, zooms: tuple[int, int] = (9, 12), colour: str = "#d05010") -> Path:
    """Every tile one loud colour."""
    kept = BytesIO()
    Image.new("RGB", (256, 256), colour).save(kept, "PNG")
    return _write(path, city, zooms, TileType.PNG, lambda _z, _x, _y: kept.getvalue())


def vector_archive(path: Path, city: City, zooms: tuple[int, int] = (9, 12)) -> Path:
    """Every tile a highway from corner to corner, and water over its lower half."""
    half = EXTENT // 2
    water = _layer("water", "kind", "lake", AREA, [(0, half), (EXTENT, half), (EXTENT, EXTENT), (0, EXTENT)])
    streets = _layer("roads", "kind", "highway", LINE, [(0, 0), (EXTENT, EXTENT)])
    tile = gzip.compress(water + streets)
    return _write(path, city, zooms, TileType.MVT, lambda _z, _x, _y: tile)


def _write(
    path: Path, city: City, zooms: tuple[int, int], kind: TileType, tile: Callable[[int, int, int], bytes]
) -> Path:
    (south, west), (north, east) = city.bounds
    corners = {
        "min_lat_e7": int(south * 1e7),
        "min_lon_e7": int(west * 1e7),
        "max_lat_e7": int(north * 1e7),
        "max_lon_e7": int(east * 1e7),
    }
    with path.open("wb") as file:
        writer = Writer(file)
        for z, x, y in sorted(_tiles(city, zooms), key=lambda place: zxy_to_tileid(*place)):
            writer.write_tile(zxy_to_tileid(z, x, y), tile(z, x, y))
        compression = Compression.GZIP if kind is TileType.MVT else Compression.NONE
        writer.finalize({"tile_type": kind, "tile_compression": compression, **corners}, {"attribution": "a test"})
    return path


def _tiles(city: City, zooms: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    (south, west), (north, east) = city.bounds
    for z in range(zooms[0], zooms[1] + 1):
        left, top = _tile_of(north, west, z)
        right, bottom = _tile_of(south, east, z)
        yield from ((z, x, y) for x in range(left - 1, right + 2) for y in range(top - 1, bottom + 2))


def _tile_of(lat: float, lon: float, z: int) -> tuple[int, int]:
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * 2**z), int(y * 2**z)


def _layer(name: str, key: str, value: str, kind: int, line: Line) -> bytes:
    """One layer with one feature, as Mapbox's vector tiles 2.1 write it."""
    steps = [line[0], *((x - before[0], y - before[1]) for before, (x, y) in pairwise(line))]
    moves = [number for step in steps for number in (_zigzag(step[0]), _zigzag(step[1]))]
    drawn = [9, *moves[:2], 2 | (len(steps) - 1) << 3, *moves[2:], *([15] if kind == AREA else [])]
    feature = _field(2, bytes([0, 0])) + _number(3, kind) + _field(4, b"".join(map(_varint, drawn)))
    values = _field(1, value.encode())
    said = _field(1, name.encode()) + _field(2, feature) + _field(3, key.encode()) + _field(4, values)
    return _field(3, said + _number(5, EXTENT) + _number(15, 2))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _zigzag(number: int) -> int:
    return number << 1 ^ number >> 31


def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
