"""Styles and scripts of the pages: as the bundles that set-up makes, or each source by itself while one develops.

`assets.json` names the files of every page, under static/; a style sheet for one medium has its name behind it.
`setup/bundles.mjs` makes the bundles and their manifest in static/build. Their names hold a hash, so a browser keeps
them for ever, and each lies there compressed as well.
"""

import hashlib
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from flask import Blueprint, Flask, Response, abort, g, request, send_from_directory
from markupsafe import Markup

from display.pages.page import json_in_script

log = logging.getLogger(__name__)

_PAGES = Path(__file__).with_name("assets.json")
_BUILT = "/static/build/"
_FOR_EVER = "public, max-age=31536000, immutable"
# The best first, with the end of the file's name.
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
_TYPES = {".js": "text/javascript", ".css": "text/css"}
# Names that modules import from where no bundle resolved them.
_IMPORTS = {
    "imports": {
        "idb": "/static/vendor/idb/build/index.js",
        "socket.io-client": "/static/vendor/socket.io-client/socket.io.esm.min.js",
    }
}


class PageFiles(msgspec.Struct, frozen=True):
    """Paths under static/ of one page, in order. ``named_imports``: whether its policy allows an import map."""

    styles: tuple[str, ...]
    scripts: tuple[str, ...]
    named_imports: bool = True


class Bundled(msgspec.Struct, frozen=True):
    """Names under static/build of one page; ``script`` is empty for a page without one."""

    style: str
    script: str


class Manifest(msgspec.Struct, frozen=True):
    """What set-up built. ``sources``: the hash of what it was built from; ``files``: all names of each page."""

    sources: str
    pages: dict[str, Bundled]
    files: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """The files of every page; without a ``manifest`` each source is loaded by itself."""

    pages: Mapping[str, PageFiles]
    manifest: Manifest | None

    def head(self, page: str, nonce: str) -> Markup:
        """The elements of a page's head that load its styles and scripts."""
        if self.manifest is not None:
            built = self.manifest.pages[page]
            return _elements([_BUILT + built.style], [_BUILT + built.script] if built.script else [])
        files = self.pages[page]
        names = Markup('  <script type="importmap" nonce="{}">{}</script>\n').format(nonce, json_in_script(_IMPORTS))
        styles, scripts = ([f"/static/{name}" for name in kind] for kind in (files.styles, files.scripts))
        return (names if scripts and files.named_imports else Markup()) + _elements(styles, scripts)

    def addresses(self, page: str) -> list[str]:
        """All addresses that a page's head names."""
        if self.manifest is not None:
            return [_BUILT + name for name in self.manifest.files[page]]
        files = self.pages[page]
        return [f"/static/{name.partition(' ')[0]}" for name in (*files.styles, *files.scripts)]


def _elements(styles: list[str], scripts: list[str]) -> Markup:
    def style(address: str) -> Markup:
        path, _, medium = address.partition(" ")
        return Markup('  <link rel="stylesheet" href="{}"{}>\n').format(
            path, Markup(' media="{}"').format(medium) if medium else ""
        )

    lines = [*map(style, styles), *(Markup('  <script type="module" src="{}"></script>\n').format(s) for s in scripts)]
    return Markup().join(lines)


def load_assets(static: Path, *, bundled: bool) -> Assets:
    """The files of all pages. Bundles of other sources than those that lie here are not used; the log says so."""
    pages = msgspec.json.decode(_PAGES.read_bytes(), type=dict[str, PageFiles])
    if not bundled:
        return Assets(pages=pages, manifest=None)
    try:
        manifest = msgspec.json.decode((static / "build" / "manifest.json").read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        manifest = None
    if manifest is None or manifest.sources != sources_hash(static):
        log.warning("static/build was not made from these sources, so pages load each by itself: run make setup")
        manifest = None
    return Assets(pages=pages, manifest=manifest)


def sources_hash(static: Path) -> str:
    """A hash of everything of ours that bundles are made of, as setup/bundles.mjs reckons it too."""
    root = static.parent
    files = [
        f"{folder}/{name}".removeprefix(f"{root}/")
        for kind in ("js", "css")
        for folder, _, names in os.walk(static / kind)
        for name in names
        if name.endswith((".js", ".css"))
    ]
    digest = hashlib.sha256()
    for file in sorted([*files, "display/pages/assets.json"]):
        digest.update(file.encode() + b"\0" + (root / file).read_bytes())
    return digest.hexdigest()


def register_assets(app: Flask, static: Path, *, bundled: bool) -> Assets:
    """Give templates ``assets(page)``, and serve the bundles."""
    assets = load_assets(static, bundled=bundled)
    head: Callable[[str], Markup] = lambda page: assets.head(page, g.nonce)  # noqa: E731 a function for templates
    app.add_template_global(head, "assets")
    app.register_blueprint(_bundles_blueprint(static / "build"))
    return assets


def _bundles_blueprint(folder: Path) -> Blueprint:
    bundles = Blueprint("bundles", __name__)

    @bundles.get(f"{_BUILT}<name>")
    def file(name: str) -> Response:
        kind = Path(name).suffix
        if kind not in {*_TYPES, ".png"}:
            abort(404)
        wanted = next((one for one in _ENCODINGS if request.accept_encodings[one]), None) if kind in _TYPES else None
        if wanted is not None and (folder / f"{name}{_ENCODINGS[wanted]}").is_file():
            answer = send_from_directory(folder, f"{name}{_ENCODINGS[wanted]}", mimetype=_TYPES[kind])
            answer.headers["Content-Encoding"] = wanted
        else:
            answer = send_from_directory(folder, name, mimetype=_TYPES.get(kind))
        answer.headers["Cache-Control"] = _FOR_EVER
        answer.vary.add("Accept-Encoding")
        return answer

    return bundles
