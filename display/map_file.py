"""The PMTiles archive that may lie under the map: looked at once, at the start, and handed out in pieces."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flask import Blueprint, Response, request
from pmtiles.tile import Compression, HeaderDict, TileType, deserialize_directory, deserialize_header
from werkzeug.http import parse_range_header

from liveroom.runtime.http_input import problem

HEADER = 127
MOST = 8 * 1024 * 1024
PICTURES = frozenset({TileType.PNG, TileType.JPEG, TileType.WEBP, TileType.AVIF})
READABLE = frozenset({Compression.NONE, Compression.GZIP})
# The name of a version of the file: what is under it never changes.
HEADERS = {"Cache-Control": "private, max-age=31536000, immutable", "Accept-Ranges": "bytes"}
log = logging.getLogger(__name__)


class Unusable(Exception):
    """A file that no map can be drawn from; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFile:
    """An archive that was looked at. ``bounds``: south-west and north-east, (lat, lon); ``zooms``: least and most."""

    path: Path
    version: str
    size: int
    kind: Literal["raster", "vector"]
    zooms: tuple[int, int]
    bounds: tuple[tuple[float, float], tuple[float, float]]

    @property
    def address(self) -> str:
        """Where a page finds it on this server."""
        return f"/map/{self.version}/ground.pmtiles"

    def read(self, start: int, end: int) -> bytes:
        """Those bytes. Raises Unusable when it is gone or another since the start."""
        try:
            with self.path.open("rb") as file:
                if _version(os.fstat(file.fileno())) != self.version:
                    raise Unusable("is another file than at the start; restart to show it")
                return os.pread(file.fileno(), end - start, start)
        except OSError as error:
            raise Unusable(f"cannot be read: {error.strerror}") from error


def map_file_of(named: str) -> MapFile | None:
    """The archive that the settings name. None when they name none, or one that is of no use: the log says why."""
    if not named:
        return None
    try:
        return look_at(Path(named))
    except Unusable as fault:
        log.error("map.file: %s %s; the map shows the outlines of the city alone", Path(named).absolute(), fault)
        return None


def look_at(path: Path) -> MapFile:
    """What a page must know of an archive. Raises Unusable."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            header = _header(file.read(HEADER))
            if about.st_size < _length(header):
                raise Unusable(f"is cut off: it has {about.st_size} bytes of {_length(header)}")
            _check_root(header, os.pread(file.fileno(), header["root_length"], header["root_offset"]))
    except OSError as error:
        raise Unusable(f"cannot be read: {error.strerror}") from error
    return MapFile(
        path=path.absolute(),
        version=_version(about),
        size=about.st_size,
        kind="raster" if header["tile_type"] in PICTURES else "vector",
        zooms=(header["min_zoom"], header["max_zoom"]),
        bounds=(
            (header["min_lat_e7"] / 1e7, header["min_lon_e7"] / 1e7),
            (header["max_lat_e7"] / 1e7, header["max_lon_e7"] / 1e7),
        ),
    )


def _header(first: bytes) -> HeaderDict:
    try:
        header = deserialize_header(first)
    # The library's own errors, and those of numbers that it does not know.
    except Exception as error:
        raise Unusable("is no PMTiles archive of version 3") from error
    if header["tile_type"] not in PICTURES | {TileType.MVT}:
        raise Unusable(f"has tiles of a kind that is not drawn here: {header['tile_type'].name}")
    if not {header["internal_compression"], header["tile_compression"]} <= READABLE | {Compression.UNKNOWN}:
        raise Unusable("is compressed in a way that browsers do not read: only gzip")
    return header


def _check_root(header: HeaderDict, root: bytes) -> None:
    if header["internal_compression"] is not Compression.GZIP:
        return
    try:
        tiles = deserialize_directory(root)
    except Exception as error:
        raise Unusable("is damaged: its directory cannot be read") from error
    if not tiles:
        raise Unusable("has no tiles")


def _length(header: HeaderDict) -> int:
    return max(
        header["root_offset"] + header["root_length"],
        header["metadata_offset"] + header["metadata_length"],
        header["leaf_directory_offset"] + header["leaf_directory_length"],
        header["tile_data_offset"] + header["tile_data_length"],
    )


def _version(about: os.stat_result) -> str:
    return f"{about.st_mtime_ns:x}-{about.st_size:x}"


def map_file_blueprint(file: MapFile | None) -> Blueprint:
    """``/map/VERSION/ground.pmtiles``, a range of bytes at a time."""
    door = Blueprint("map_file", __name__)

    @door.get("/map/<version>/ground.pmtiles")
    def piece(version: str) -> Response:
        if file is None or version != file.version:
            return problem(404, "no_map_file", "there is no such map file")
        asked = parse_range_header(request.headers.get("Range"))
        start, end = (asked and asked.units == "bytes" and asked.range_for_length(file.size)) or (0, 0)
        if not 0 < end - start <= MOST:
            no = problem(416, "range", f"must ask for one range of at most {MOST} bytes of {file.size}", "Range")
            no.headers["Content-Range"] = f"bytes */{file.size}"
            return no
        try:
            found = file.read(start, end)
        except Unusable as fault:
            log.error("map.file: %s %s; the map shows the outlines of the city alone", file.path, fault)
            return problem(404, "no_map_file", "the map file is not there any more")
        headers = {**HEADERS, "Content-Range": f"bytes {start}-{end - 1}/{file.size}"}
        return Response(found, 206, headers, content_type="application/octet-stream")

    return door
