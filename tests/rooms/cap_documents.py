"""Documents of the Common Alerting Protocol, as a service of warnings writes them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from liveroom.domain.timestamps import to_text
from tests.rooms.city import wib

START = wib("24 09:00")
CAP = "urn:oasis:names:tc:emergency:cap:1.2"
SENDER = "nowcast@bmkg.example"
# Around the middle of Ciledug and Larangan, and of Bandung.
CILEDUG = "-6.26,106.69 -6.26,106.74 -6.22,106.74 -6.22,106.69 -6.26,106.69"
BANDUNG = "-6.95,107.55 -6.95,107.70 -6.88,107.70 -6.88,107.55 -6.95,107.55"
PARTS = ("senderName", "headline", "description", "instruction")


def info(**said: Any) -> str:
    """One info; ``area``: its XML, ``polygon`` of a plain one; the rest are elements by their names."""
    texts = {"language": "id-ID", "category": "Met", "event": "Hujan lebat disertai petir", "urgency": "Immediate"}
    texts |= {"severity": "Moderate", "certainty": "Likely", "expires": to_text(START + timedelta(hours=2))}
    texts |= {"senderName": "BMKG", "headline": "Hujan lebat di Ciledug", "description": "Hujan sampai sore."}
    area = said.pop("area", None) or _area(said.pop("polygon", CILEDUG))
    order = ("language", "category", "event", "responseType", "urgency", "severity", "certainty")
    order = (*order, "effective", "onset", "expires", *PARTS)
    all_of = {**texts, **said}
    return (
        f"<info>{''.join(_element(name, all_of[name]) for name in order if all_of.get(name) is not None)}{area}</info>"
    )


def _area(polygon: str) -> str:
    return f"<area><areaDesc>Kota Tangerang</areaDesc><polygon>{polygon}</polygon></area>"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def document(
    identifier: str,
    message: str = "Alert",
    *,
    sent: datetime = START,
    refers: Sequence[tuple[str, datetime]] = (),
    infos: Sequence[str] | None = None,
    **said: str,
) -> bytes:
    """A document; ``refers``: identifiers and times of sending, ``said``: status, scope, sender."""
    head = {"identifier": identifier, "sender": SENDER, "sent": to_text(sent).replace("Z", "+00:00")}
    head |= {"status": "Actual", "msgType": message, "scope": "Public"} | said
    names = " ".join(f"{head['sender']},{one},{to_text(at)}" for one, at in refers)
    shown = ([] if message == "Cancel" else [info()]) if infos is None else infos
    references = f"<references>{names}</references>" if refers else ""
    heads = "".join(_element(name, text) for name, text in head.items())
    return f'<?xml version="1.0"?><alert xmlns="{CAP}">{heads}{references}{"".join(shown)}</alert>'.encode()
