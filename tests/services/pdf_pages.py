"""The pages of a PDF as WeasyPrint writes one, read back as text: by the fonts' own maps from glyphs to characters."""

import re
import zlib
from collections.abc import Iterator, Mapping

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_SHOWN = re.compile(rb"/(\S+) [\d.]+ Tf|<([0-9A-Fa-f\s]+)>(?=[^<>]*?T[jJ])|\bET\b")


def pages(pdf: bytes) -> list[str]:
    """The text of each page, lines apart."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    found = (body for body in objects.values() if re.search(rb"/Type\s*/Page\b", body))
    return [_text(body, objects) for body in found]


def _text(page: bytes, objects: Mapping[int, bytes]) -> str:
    fonts = _fonts(page, objects)
    written: list[str] = []
    for number in _references(rb"Contents", page):
        written.extend(_shown(_content(objects[number]), fonts))
    return "".join(written)


def _fonts(page: bytes, objects: Mapping[int, bytes]) -> dict[bytes, dict[int, str]]:
    """By its name on the page, a font's map; resources are looked for wherever they stand."""
    fonts: dict[bytes, dict[int, str]] = {}
    for body in (page, *(objects[number] for number in _references(rb"Resources", page))):
        for name, number in re.findall(rb"/(\S+)\s+(\d+) 0 R", body):
            font = objects.get(int(number), b"")
            for to_unicode in _references(rb"ToUnicode", font):
                fonts[name] = _map(_content(objects[to_unicode]))
            for inner, at in re.findall(rb"/(\S+)\s+(\d+) 0 R", font if b"ToUnicode" not in font else b""):
                for to_unicode in _references(rb"ToUnicode", objects.get(int(at), b"")):
                    fonts[inner] = _map(_content(objects[to_unicode]))
    return fonts


def _references(name: bytes, body: bytes) -> list[int]:
    found = re.search(rb"/" + name + rb"\s*(\[[^\]]*\]|\d+ 0 R)", body)
    return [int(number) for number in re.findall(rb"(\d+) 0 R", found.group(1))] if found else []


def _content(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if found is None:
        return b""
    return zlib.decompress(found.group(1)) if b"FlateDecode" in body[: found.start()] else found.group(1)


def _map(cmap: bytes) -> dict[int, str]:
    return {int(code, 16): bytes.fromhex(to.decode()).decode("utf-16-be") for code, to in _PAIR.findall(cmap)}


def _shown(content: bytes, fonts: Mapping[bytes, Mapping[int, str]]) -> Iterator[str]:
    """What is shown, and the end of each line of text."""
    now: Mapping[int, str] = {}
    for name, codes in _SHOWN.findall(content):
        if name:
            now = fonts.get(name, {})
        elif codes:
            digits = re.sub(rb"\s", b"", codes)
            yield "".join(now.get(int(digits[at : at + 4], 16), "") for at in range(0, len(digits), 4))
        else:
            yield "\n"
