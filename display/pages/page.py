"""What all HTML pages share: rendering, the language, the page shown instead of one that is closed, JSON in a page."""

from collections.abc import Callable, Mapping

import msgspec
from flask import Flask, Response, g, make_response, render_template, request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from liveroom.city.city import City
from liveroom.room.room import Room
from liveroom.runtime.language import Text, catalogue

# ``<`` could end the script element that holds the JSON, so it is escaped.
_IN_SCRIPT = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_AGAIN_S = 10
# Reasons for which a screen without a valid token is shown a pairing code.
_PAIRING_REASONS = frozenset({"none", "unknown"})


def page(template: str, context: Mapping[str, object]) -> Response:
    """A rendered page with this response's nonce; no browser caches it."""
    response = make_response(render_template(template, nonce=g.nonce, **context))
    response.headers["Cache-Control"] = "no-store"
    return response


def closed_page(city: City, why: str, status: int) -> Response:
    """The page shown instead: ``none`` and ``unknown`` show a pairing code, ``desk`` asks for another log-in, ``away``
    reloads by itself."""
    template = "pairing.html" if why in _PAIRING_REASONS else "closed_door.html"
    response = page(template, {"why": why, "languages": city.languages})
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if why == "away":
        response.headers["Refresh"] = response.headers["Retry-After"] = str(_AGAIN_S)
    return response


def language_of(city: City) -> str:
    """The language asked for by ``?lang=``, else the city's own."""
    asked = request.args.get("lang", "")
    return asked if asked in city.languages else city.languages[0]


def asks_for_past() -> bool:
    """Whether the address asks for a past moment, ``?at=`` or ``?seq=``; whether there is one its page finds out."""
    return "at" in request.args or "seq" in request.args


def page_context(room: Room, build: str) -> dict[str, object]:
    """What the templates of desks, agencies and leadership need of room and city."""
    language = language_of(room.city)
    return {
        "lang": language,
        "city": room.city,
        "city_json": json_in_script(room.city.client_data(language)),
        "drill": room.kind == "drill",
        "build": build,
    }


def json_in_script(value: object) -> Markup:
    """JSON for a script element, which nothing in it can end."""
    text = msgspec.json.encode(value).decode()
    for character, escape in _IN_SCRIPT.items():
        text = text.replace(character, escape)
    return Markup(text)


@pass_context
def _say(context: Context, key: str, language: str | None = None, n: int = 0, **values: object) -> Markup:
    """A text in the page's language or in ``language``; what fills it is escaped unless it is markup."""
    words = catalogue().unfilled(key, language or context["lang"], n)
    return Markup.escape(words).format(n=n, **values)


def add_words(app: Flask, first: str) -> None:
    """Let templates say ``t("page.name", n=3)``, and ``page_words(lang, "ui", "desk")`` for their scripts.

    ``first``: the city's own language, which stands in where another lacks a text.
    """
    app.jinja_env.globals.update(t=_say, page_words=page_words(first))


def page_words(first: str, known: Mapping[str, Mapping[str, Text]] | None = None) -> Callable[..., Markup]:
    """For templates: ``page_words(lang, "ui", "desk")`` is a JSON object of the texts of these subjects by key, which a
    page takes along for its scripts: they need no request, and stand in a kept copy too.

    A text that ``lang`` lacks is said in ``first``, never left blank. ``known``: the texts by language and key.
    """
    catalogues = catalogue().texts if known is None else known
    made: dict[tuple[str, ...], Markup] = {}

    def words(language: str, *subjects: str) -> Markup:
        found = made.get((language, *subjects))
        if found is None:
            texts = {**catalogues.get(first, {}), **catalogues.get(language, {})}
            wanted = tuple(f"{subject}." for subject in subjects)
            found = json_in_script({key: text for key, text in texts.items() if key.startswith(wanted)})
            made[(language, *subjects)] = found
        return found

    return words
