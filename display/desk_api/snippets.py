"""A few words of a complaint for a list, around those that were looked for."""

from collections.abc import Mapping

from liveroom.domain.timestamps import words_of

LONGEST = 160
BEFORE = 40


def snippet_of(texts: Mapping[str, str], wanted: str) -> str:
    """At most 160 characters of the description, or the address, where a looked-for word begins; else its beginning."""
    words = words_of(wanted)
    bodies = [" ".join(texts.get(kind, "").split()) for kind in ("description", "address")]
    for body in bodies:
        places = [place for word in words if (place := body.casefold().find(word)) >= 0]
        if places:
            return _cut(body, max(0, min(places) - BEFORE))
    return _cut(next((body for body in bodies if body), ""), 0)


def _cut(body: str, start: int) -> str:
    if start > 0:
        start = body.find(" ", start) + 1
    part = body[start : start + LONGEST]
    return ("… " if start else "") + part + ("…" if len(body) > start + LONGEST else "")
