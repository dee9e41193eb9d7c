"""The AsyncAPI document: valid by its official schema, and of every message the fields that the allow-lists let out.

That what is really sent fits is tried wherever the tests send something: `described.check_message`.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from display.description import asyncapi
from display.description.feed_shapes import CARDS
from display.feed import presence, server
from display.feed.cards import Cards
from tests.display.description.described import check_message
from tests.rooms.city import POLICY

ROOT = Path(__file__).resolve().parents[3]
OFFICIAL = ROOT / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
EXAMPLES = ROOT / "tests" / "display" / "feed" / "messages"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(asyncapi.document("Tangerang")))
    return found


def test_it_is_valid_asyncapi(document: dict[str, Any]) -> None:
    official = jsonschema_rs.Draft7Validator(json.loads(OFFICIAL.read_text("utf-8")))
    assert [one.message for one in official.iter_errors(document)] == []
    assert not official.is_valid({**document, "channels": []})


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        found: Any = document
        for part in reference.split("/"):
            found = found[part]


@pytest.mark.parametrize("audience", [*CARDS])
def test_a_card_has_the_fields_of_its_allow_list(audience: str) -> None:
    shown = Cards(POLICY, f"agency:{next(iter(POLICY.agencies))}" if audience == "agency" else audience)
    assert set(CARDS[audience].__annotations__) == set(shown.fields)
    assert CARDS[audience].__required_keys__ == set(shown.fields)


def test_every_message_of_the_code_is_in_it(document: dict[str, Any]) -> None:
    code = Path(presence.__file__).read_text("utf-8") + Path(server.__file__).read_text("utf-8")
    sent = set(re.findall(r'_emitter\.send\(\s*[^,"]+, "(\w+)"', code)) | set(re.findall(r"def on_(\w+)", code))
    assert sent - {"connect", "disconnect"} == {"floor", "call", "frozen", "revoked", "report", "resume"}
    assert sent - {"connect", "disconnect"} <= set(document["components"]["messages"])


def test_a_field_too_many_is_a_fault() -> None:
    beat = json.loads((EXAMPLES / "beat.json").read_text("utf-8"))
    check_message("beat", beat)
    with pytest.raises(jsonschema_rs.ValidationError):
        check_message("beat", {**beat, "reporter": "Budi"})
