"""Files that an attacker or a broken phone sends, each with the codes that may answer it; none means: it is taken."""

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from random import Random

BROKEN = frozenset({"broken"})
FORM = frozenset({"form"})
TAKEN = frozenset({""})
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
Case = tuple[str, bytes, frozenset[str]]


@cache
def photo(number: int = 1, form: str = "JPEG", **options: object) -> bytes:
    """A street as a file."""
    # Here, since every worker reads this file and few draw: the libraries of pictures take it a second.
    from pillow_heif import register_heif_opener

    from tests.rooms.street import View, street

    register_heif_opener()
    out = BytesIO()
    street(number, View()).save(out, form, **options)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that claims, and holds, very many pixels."""
    rows = zlib.compress(b"\x00" * ((width // 8 + 1) * 64), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def huge_exif() -> bytes:
    """A photo behind many metadata segments of the greatest length."""
    plain, segment = photo(), b"\xff\xe1" + struct.pack(">H", 65_535) + b"Exif\x00\x00" + b"A" * 65_527
    return plain[:2] + segment * 60 + plain[2:]


def named() -> Iterator[tuple[str, Callable[[], bytes], frozenset[str]]]:
    """The ones with a name; each is made when it is called for."""
    yield "zero bytes", lambda: b"", frozenset({"empty"})
    yield "one byte", lambda: b"\xff", FORM
    yield "text", lambda: b"halo" * 100, FORM
    yield "svg with script", lambda: SVG, FORM
    yield "html", lambda: HTML, FORM
    yield "gif", lambda: b"GIF89a" + b"\x00" * 100, FORM
    yield "pdf", lambda: b"%PDF-1.7\n" + b"0" * 200, FORM
    yield "program", lambda: b"\x7fELF" + b"\x00" * 200, FORM
    yield "zip", lambda: b"PK\x03\x04" + b"\x00" * 200, FORM
    yield "playlist that names a file", lambda: b"#EXTM3U\nfile:///etc/passwd\n", FORM
    yield "jpeg head alone", lambda: photo()[:20], BROKEN
    yield "html after a jpeg", lambda: photo() + HTML, TAKEN
    yield "jpeg marked as html", lambda: b"\xff\xd8\xff" + HTML, BROKEN
    yield "png marked, rest a jpeg", lambda: photo(form="PNG")[:8] + photo(), BROKEN
    yield "riff without a picture", lambda: b"RIFF\x00\x00\x00\x00WEBP" + HTML, BROKEN
    yield "heic head alone", lambda: b"\x00\x00\x00\x18ftypheic" + b"\x00" * 200, BROKEN
    yield "mp4 head alone", lambda: b"\x00\x00\x00\x18ftypisom" + b"\x00" * 200, BROKEN
    yield "webm head alone", lambda: b"\x1aE\xdf\xa3\x9fB\x86\x81\x01webm" + b"\x00" * 200, BROKEN
    yield "bomb of 10 gigapixels", lambda: bomb(100_000, 100_000), frozenset({"pixels", "broken"})
    yield "bomb of 200 megapixels", lambda: bomb(20_000, 10_000), frozenset({"pixels", "broken"})
    yield "negative size", lambda: b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", b"\xff" * 13), frozenset({"broken", "pixels"})
    yield "huge exif", huge_exif, TAKEN
    yield "webp cut", lambda: photo(form="WEBP")[: len(photo(form="WEBP")) // 2], BROKEN


def cut(count: int, seed: int = 5) -> Iterator[Case]:
    """Good photos, cut off somewhere or with bytes changed: read or refused, but never harmful."""
    chance = Random(seed)
    forms = [photo(), photo(form="PNG"), photo(form="WEBP", quality=60)]
    for number in range(count):
        content = bytearray(forms[number % len(forms)])
        if number % 2:
            yield f"cut {number}", bytes(content[: chance.randrange(1, len(content) - 64)]), BROKEN | FORM
        for _ in range(chance.randrange(1, 40)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        yield f"changed {number}", bytes(content), BROKEN | FORM | TAKEN | {"pixels"}
