"""The pages of a PDF as WeasyPrint writes one, read back as text: by the fonts' own maps from glyphs to characters."""

import re
import zlib
from collections.abc import Iterator, Mapping

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_NAMED = re.compile(rb"/(\S+) (\d+) 0 R")
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_SHOWN = re.compile(rb"/(\S+) [\d.]+ Tf|<([0-9A-Fa-f]+)>|\bTm\b")


def pages(pdf: bytes) -> list[str]:
    """The text of each page; a blank stands where a text begins."""
    objects = dict(_objects(pdf))
    fonts = dict(_fonts(objects))
    found = [body for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)]
    return ["".join(_text(objects, body, fonts)) for body in found]


def _objects(pdf: bytes) -> Iterator[tuple[int, bytes]]:
    """Every object by its number, those within object streams too."""
    for number, body in _OBJECT.findall(pdf):
        yield int(number), body
        if b"/Type /ObjStm" in body:
            first, whole = int(re.findall(rb"/First (\d+)", body)[0]), _content(body)
            places = [int(one) for one in whole[:first].split()]
            ends = [*places[3::2], len(whole)]
            for inner, begin, end in zip(places[::2], places[1::2], ends, strict=True):
                yield inner, whole[first + begin : first + end]


def _fonts(objects: Mapping[int, bytes]) -> Iterator[tuple[bytes, dict[int, str]]]:
    """By its name on a page, a font's map."""
    for body in objects.values():
        for name, number in _NAMED.findall(body):
            for to_unicode in re.findall(rb"/ToUnicode (\d+) 0 R", objects.get(int(number), b"")):
                pairs = _PAIR.findall(_content(objects[int(to_unicode)]))
                yield name, {int(code, 16): bytes.fromhex(to.decode()).decode("utf-16-be") for code, to in pairs}


def _content(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if found is None:
        return b""
    return zlib.decompress(found.group(1)) if b"FlateDecode" in body[: found.start()] else found.group(1)


def _text(objects: Mapping[int, bytes], page: bytes, fonts: Mapping[bytes, Mapping[int, str]]) -> Iterator[str]:
    now: Mapping[int, str] = {}
    for number in re.findall(rb"/Contents (\d+) 0 R", page):
        for name, codes in _SHOWN.findall(_content(objects[int(number)])):
            if name:
                now = fonts.get(name, {})
            elif codes:
                yield "".join(now.get(int(codes[at : at + 4], 16), "") for at in range(0, len(codes), 4))
            else:
                yield " "
