"""Real requests of another city fit its pack: categories known, places in an area, each with its deadline."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from liveroom.domain.complaints.model import Stage
from tests.rooms.packs import CITIES, city

SAMPLE = CITIES.parents[1] / "shared" / "reference" / "open311" / "nyc_311_sample.jsonl"
pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason=f"the sample of real requests is not at {SAMPLE.parent}")


def requests() -> Iterator[dict[str, Any]]:
    with SAMPLE.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def test_every_category_is_known_and_goes_to_the_agency_that_had_it() -> None:
    found = city("newyork")
    handled = {(request["category"], request["agency"].lower()) for request in requests()}
    assert len(handled) == 64
    ours = {(name, found.policy.agency_for(found.category_key(name), None)) for name, _ in handled}
    assert ours == handled


def test_every_place_lies_in_an_area() -> None:
    places = [(request["lat"], request["lon"]) for request in requests() if request["lat"] is not None]
    assert len(places) == 987
    assert [place for place in places if city("newyork").locate(*place) is None] == []


def test_every_request_gets_a_deadline_after_its_receipt() -> None:
    policy = city("newyork").policy
    for request in requests():
        received = datetime.fromisoformat(request["created"])
        class_ = policy.class_of(city("newyork").category_key(request["category"]), "normal")
        deadline = policy.deadline(class_, Stage.FINISH, received)
        assert deadline is not None
        assert deadline.due > received
