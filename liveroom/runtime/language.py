"""The words of every page, letter and message: one catalogue a language, ``static/lang/LANGUAGE.json``, read once.

Browsers read the same files. A catalogue is a flat object ``{"page.name": "text with {placeholder}"}``. Where a number
decides the form, the value is ``{"one": …, "other": …}``: the plural categories of CLDR, chosen by ``{n}``. The first
part of a key is the page or subject that says it. A file more is a language more: nothing else knows their names.
"""

import json
import logging
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, get_day_names
from babel.numbers import get_decimal_symbol, get_group_symbol

FOLDER = Path(__file__).resolve().parents[2] / "static" / "lang"
# A text, or its plural forms by CLDR category.
Text = str | Mapping[str, str]
# What the command line speaks, which is for whoever runs the server.
COMMAND_LINE = "en"
# The category that every language has.
_OTHER = "other"
log = logging.getLogger(__name__)


class MissingText(LookupError):
    """No text for this key; raised by a strict catalogue alone."""


class Catalogue:
    """The texts of all languages in a folder.

    ``first``: the language that stands in where another lacks a text, the city's own once a room is open; it is logged
    once a text. ``home``: the city's locale, such as ``es-MX``, by which it writes that language. ``strict``: a text
    that is lacking raises MissingText, as it does in tests.
    """

    def __init__(self, folder: Path) -> None:
        self.texts: Mapping[str, Mapping[str, Text]] = {
            path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))
        }
        self.first: str | None = None
        self.home = ""
        self.strict = False
        self._told: set[tuple[str, str]] = set()

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language, by its code."""
        return tuple(self.texts)

    def locale(self, language: str) -> str:
        """How numbers and dates are written in a language: as the city does if it is its own, else as the file says."""
        if self.home.partition("-")[0] == language:
            return self.home
        return str(self.texts.get(language, {}).get("ui.locale", language))

    def text(self, key: str, language: str, *, n: int = 0, **values: object) -> str:
        """The text with its placeholders filled; that of ``first`` where the language has none, else the key itself."""
        return self.unfilled(key, language, n).format(n=n, **values)

    def unfilled(self, key: str, language: str, n: int = 0) -> str:
        """The text as it stands in the catalogue, in the form for the number ``n``."""
        spoken, found = self._find(key, language)
        if isinstance(found, Mapping):
            return found.get(_locale(self.locale(spoken)).plural_form(n)) or found[_OTHER]
        return found

    def _find(self, key: str, language: str) -> tuple[str, Text]:
        """The text and the language that it is in."""
        found = self.texts.get(language, {}).get(key)
        if found is not None:
            return language, found
        if self.strict:
            raise MissingText(f"{key} in {language!r}")
        if (key, language) not in self._told:
            self._told.add((key, language))
            log.error("the text %s is missing in the language %s", key, language)
        return (self.first or language), self.texts.get(self.first or "", {}).get(key, key)


@cache
def catalogue() -> Catalogue:
    """The catalogue of this program. Raises OSError or ValueError for a file that cannot be read."""
    return Catalogue(FOLDER)


def text(key: str, language: str, *, n: int = 0, **values: object) -> str:
    """The text of ``key`` in ``language``, with its placeholders filled: see `Catalogue.text`."""
    return catalogue().text(key, language, n=n, **values)


# What a language writes in its own way besides words.


def written_moment(at: datetime, language: str) -> str:
    """Day and time of a moment that is aware in its reader's zone: ``Kamis 26 Nov 2026 16.00``."""
    return format_datetime(at, text("page.moment", language), locale=_locale_of(language))


def written_day(at: date, language: str) -> str:
    """A day: ``26 Nov 2026``."""
    return format_date(at, text("page.day", language), locale=_locale_of(language))


def written_date(at: date, language: str, key: str) -> str:
    """A day, or a moment that is aware in its reader's zone, by the pattern under a key."""
    pattern, locale = text(key, language), _locale_of(language)
    if isinstance(at, datetime):
        return format_datetime(at, pattern, locale=locale)
    return format_date(at, pattern, locale)


def weekday_name(number: int, language: str) -> str:
    """A day of the week, 1 being Monday: ``Senin``."""
    return str(get_day_names("wide", "stand-alone", _locale_of(language))[number - 1])


def written_month(at: date, language: str) -> str:
    """The month of a day: ``November 2026``."""
    return format_date(at, "LLLL y", locale=_locale_of(language))


def written_number(value: float, language: str, digits: int = 1) -> str:
    """A number with so many digits after the decimal sign: ``1.234,5``."""
    locale = _locale_of(language)
    signs = {ord(","): get_group_symbol(locale), ord("."): get_decimal_symbol(locale)}
    return f"{value:,.{digits}f}".translate(signs)


def _locale_of(language: str) -> Locale:
    return _locale(catalogue().locale(language))


@cache
def _locale(name: str) -> Locale:
    """The locale, or that of its language where CLDR does not know the country's way, as for ``es-ID``."""
    try:
        return Locale.parse(name, sep="-")
    except UnknownLocaleError:
        return Locale.parse(name.partition("-")[0])
