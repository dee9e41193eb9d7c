"""What the readers of warnings make of anything: a document, an index or a refusal, within bounds, and a place."""

import json
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import strategies as st

from ingest.hazards.cap_document import LINE, TEXT, read_alert
from ingest.hazards.cap_index import index_entries, index_tree, is_alert
from liveroom.domain.hazards.cap_alert import words_of
from liveroom.domain.requests import Malformed
from tests.rooms.cap_documents import CAP, CILEDUG, document, info
from tests.rooms.packs import city
from tests.soak.junk import TEXTS
from tests.soak.walk import Walk

pytestmark = [pytest.mark.soak]
# Characters of a hazard on the wire: some hundred points, and codes of all areas.
MOST_SENT = 30_000
degrees = st.floats(-200, 200) | st.sampled_from([106.69, -6.24, 0.0, 180.0, -180.0, 90.0, 106.700001])
near = st.tuples(st.floats(-6.6, -5.9), st.floats(106.3, 107.0))
places = st.one_of(near, near, near, st.tuples(degrees, degrees))
rings = st.lists(places, max_size=60).map(lambda points: " ".join(f"{lat!r},{lon!r}" for lat, lon in points))
NAMES = ["language", "event", "responseType", "urgency", "severity", "certainty", "effective", "onset", "expires"]
NAMES += ["senderName", "headline", "description", "instruction"]
odd = st.sampled_from([escape(one.encode("utf-8", "ignore").decode()) for one in TEXTS if len(one) < 200])


@st.composite
def areas(draw: st.DrawFn) -> str:
    shapes = [f"<polygon>{ring}</polygon>" for ring in draw(st.lists(rings | st.just(CILEDUG), max_size=3))]
    circles = [f"<circle>{lat!r},{lon!r} {draw(degrees)!r}</circle>" for lat, lon in draw(st.lists(places, max_size=2))]
    codes = [
        f"<geocode><valueName>a</valueName><value>{one}</value></geocode>" for one in draw(st.lists(odd, max_size=2))
    ]
    return f"<area><areaDesc>{draw(odd)}</areaDesc>{''.join([*shapes, *circles, *codes])}</area>"


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Documents: right ones, ones with strange words and shapes, cut ones, and no documents."""
    said: dict[str, Any] = draw(st.dictionaries(st.sampled_from(NAMES), odd, max_size=3))
    infos = [info(**said, area=draw(areas())) for _ in range(draw(st.integers(0, 2)))]
    message = draw(st.sampled_from(["Alert", "Update", "Cancel", "Ack"]))
    whole = document(draw(st.sampled_from(["A", "B b", "C"])), message, infos=infos or None)
    if draw(st.booleans()):
        links = "".join(f"<item><link>{draw(odd)}</link><pubDate>{draw(odd)}</pubDate></item>" for _ in range(3))
        whole = draw(st.sampled_from([whole, f"<rss><channel>{links}</channel></rss>".encode()]))
    cut = draw(st.integers(0, len(whole)))
    other = draw(st.sampled_from([b"", b"<a>" * 30, b"&lt;", b"<!DOCTYPE x>", b"<info/>" * 40]) | st.binary(max_size=4))
    altered = whole[:cut] + other + whole[cut:]
    return draw(st.sampled_from([whole, whole, whole, whole[:cut], altered, altered.replace(CAP.encode(), b"x")]))


def test_a_document_is_read_placed_and_bounded_or_refused(request: pytest.FixtureRequest) -> None:
    walk, ground = Walk(), city("tangerang")
    met = {"read": 0, "refused": 0, "placed": 0, "indexes": 0}

    def read(body: bytes) -> None:
        try:
            root = index_tree(body)
            if not is_alert(root):
                assert all(one.address.startswith("http") for one in index_entries(root, "https://example.org/index"))
                met["indexes"] += 1
                return
            alert = read_alert(body)
        except Malformed as fault:
            assert fault.message
            met["refused"] += 1
            return
        met["read"] += 1
        for said in alert.spoken(ground.languages):
            words = words_of(alert, said)
            assert max(map(len, (said.event, said.headline, said.sender_name))) <= LINE
            assert max(map(len, (said.description, said.instruction))) <= TEXT
            assert "http" not in said.headline.lower() and json.dumps(words, ensure_ascii=False).encode()
            place = ground.footprint(said.areas)
            if place is not None:
                met["placed"] += 1
                assert place.areas and len(json.dumps(place.polygons)) < MOST_SENT

    while not walk.over:
        walk.rounds(1, 300, bodies(), read)
    assert all(met.values()), met
    walk.tell(f"Documents of warnings: {met}", request)
