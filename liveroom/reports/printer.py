"""HTML of a report as a file: PDF by WeasyPrint, or one HTML file that needs no other.

WeasyPrint runs in a process of its own, never in one that serves: it brings image codecs and Pango along, and a page
takes it a second. It reads the project's fonts from the disk and nothing else: every other address is refused, so that
no report can make this machine ask for anything.
"""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

FONTS = Path(__file__).resolve().parents[2] / "static" / "vendor" / "ibm-plex-sans" / "files"
# The scheme under which the reports' own styles name a font; no page of the web has it.
SCHEME = "font:"
_FONT = re.compile(r"font:([a-z0-9-]+\.woff2)")
# Debian's packages that WeasyPrint calls by their library.
LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


class CannotPrint(ValueError):
    """This machine cannot make a PDF; the message says what is missing and how to bring it."""


def printed(*closer: Callable[[], str]) -> bytes:
    """The pages as PDF: of the first of these HTMLs that is one page, else of the last. Raises CannotPrint."""
    weasyprint = _library()
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    for html in closer:
        page = weasyprint.HTML(string=html(), base_url=SCHEME, url_fetcher=_fetcher())
        document = page.render(font_config=fonts)
        if len(document.pages) == 1:
            break
    pdf: bytes = document.write_pdf()
    return pdf


def _library() -> Any:
    try:
        import weasyprint
    except OSError as error:
        # cffi names the library in its message, on many lines.
        said = str(error).splitlines()[0]
        raise CannotPrint(
            f"a PDF needs Pango, which is not on this machine ({said}): apt-get install {LIBRARIES}; "
            "without it, --out with .html makes the same page for a browser to print"
        ) from error
    return weasyprint


def _fetcher() -> Any:
    """What WeasyPrint asks for each address: our fonts by name, and a refusal for all else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFonts(URLFetcher):  # type: ignore[misc]  # the library ships no types
        """Answers with a font of the project; whatever else a page names stays unasked."""

        def fetch(self, url: str, _headers: Any = None) -> Any:
            return URLFetcherResponse(url, font_file(url).read_bytes(), {"Content-Type": "font/woff2"})

    return OwnFonts(allowed_protocols=())


def font_file(url: str) -> Path:
    """The file of a font by its address ``font:NAME``. Raises ValueError for any other address."""
    found = _FONT.fullmatch(url)
    if found is None or not (FONTS / found.group(1)).is_file():
        raise ValueError(f"a report asks for nothing but its own fonts, not for {url[:80]!r}")
    return FONTS / found.group(1)


def standing_alone(html: str) -> str:
    """The same page with its fonts inside, for a browser without a network."""

    def whole(found: re.Match[str]) -> str:
        return f"data:font/woff2;base64,{base64.b64encode(font_file(found.group(0)).read_bytes()).decode()}"

    return _FONT.sub(whole, html)
