"""What a command's fields may hold: each fault is named by its field, and what is fine comes back typed."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.accounts.screens import SETTINGS
from liveroom.domain.complaints.commands import SPECS, needs
from liveroom.domain.requests import Code, CommandName, Malformed, Role
from liveroom.domain.screens import ScreenCommandName, screen_specs
from tests.domain.stages import FIELDS

LONG = "x" * 4001


def parse(name: str, raw: dict[str, object]) -> dict[str, object]:
    return SPECS[CommandName(name)].parse(raw)


def test_a_screen_takes_what_its_wall_understands_and_drops_what_is_blank() -> None:
    change = screen_specs(SETTINGS)[ScreenCommandName.CHANGE]
    assert change.parse({"settings": {"scene": "map", "tile": "2,1/3x2", "look": ""}}) == {
        "settings": {"scene": "map", "tile": "2,1/3x2"}
    }
    for key, value in (("scene", "nowhere"), ("tile", "2"), ("sound", 1), ("token", "x")):
        with pytest.raises(Malformed) as caught:
            change.parse({"settings": {key: value}})
        assert caught.value.field == f"settings.{key}"


BAD = [
    ("decline", {}, "reason"),
    ("decline", {"reason": None}, "reason"),
    ("decline", {"reason": "  \n"}, "reason"),
    ("decline", {"reason": 7}, "reason"),
    ("decline", {"reason": ["x"]}, "reason"),
    ("decline", {"reason": LONG}, "reason"),
    ("decline", {"reason": "a\0b"}, "reason"),
    ("decline", {"reason": "a\ud800b"}, "reason"),
    ("submit_proof", {"note": LONG}, "note"),
    ("submit_proof", {"media": "https://a.example/1.jpg"}, "media"),
    ("submit_proof", {"media": ["http://a.example/1.jpg"]}, "media[0]"),
    ("submit_proof", {"media": ["https://a.example/1.jpg", "javascript:alert(1)"]}, "media[1]"),
    ("submit_proof", {"media": ["https://a.example/" + "x" * 2000]}, "media[0]"),
    ("submit_proof", {"media": ["https://a.example/1.jpg"] * 51}, "media"),
    ("forward", {}, "agency"),
    ("forward", {"agency": ""}, "agency"),
    ("forward", {"agency": "x" * 129}, "agency"),
    ("forward", {"agency": "Pak Budi di depan"}, "agency"),
    ("forward", {"agency": "a\nb"}, "agency"),
    ("forward", {"agency": True}, "agency"),
    ("forward", {"agency": "pupr", "agencies": "dlh"}, "agencies"),
    ("forward", {"agency": "pupr", "agencies": [None]}, "agencies[0]"),
    ("coordinate", {}, "agencies"),
    ("hold", {"reason": "x"}, "until"),
    ("hold", {"reason": "x", "until": "besok"}, "until"),
    ("hold", {"reason": "x", "until": 1790000000}, "until"),
    ("hold", {"reason": "x", "until": "2026-11-24"}, "until"),
    ("hold", {"reason": "x", "until": "2026-11-24T09:00:00"}, "until"),
    ("hold", {"reason": "x", "until": "2026-02-30T09:00:00Z"}, "until"),
    ("hold", {"reason": "x", "until": "2026-11-24T09:00:60Z"}, "until"),
    ("hold", {"reason": "x", "until": "0001-01-01T00:00:00+23:59"}, "until"),
    ("hold", {"reason": "x", "until": "9999-12-31T23:59:59-23:59"}, "until"),
    ("hold", {"reason": "x", "until": "２０２６-11-24T09:00:00Z"}, "until"),
    ("triage", {}, "category"),
    ("triage", {"priority": "P1"}, "priority"),
    ("triage", {"priority": {"critical": 1}}, "priority"),
    ("triage", {"lat": -6.1}, "lon"),
    ("triage", {"lon": 106.6}, "lat"),
    ("triage", {"lat": "-6.1", "lon": 106.6}, "lat"),
    ("triage", {"lat": True, "lon": 106.6}, "lat"),
    ("triage", {"lat": math.nan, "lon": 106.6}, "lat"),
    ("triage", {"lat": -6.1, "lon": math.inf}, "lon"),
    ("triage", {"lat": 106.6, "lon": -6.1}, "lat"),
    ("triage", {"lat": 10**400, "lon": 0}, "lat"),
]


@pytest.mark.parametrize(("name", "raw", "field"), BAD)
def test_a_fault_is_named_by_its_field(name: str, raw: dict[str, object], field: str) -> None:
    with pytest.raises(Malformed) as malformed:
        parse(name, raw)
    assert malformed.value.field == field
    assert malformed.value.message


def test_times_come_back_in_utc() -> None:
    for text in ("2026-11-24T09:00:00+07:00", "2026-11-24T02:00:00Z", "2026-11-24t02:00:00.000z"):
        parsed = parse("hold", {"reason": "x", "until": text})
        assert parsed["until"] == datetime(2026, 11, 24, 2, tzinfo=UTC)
        assert parsed["until"].tzinfo is UTC


def test_what_is_not_the_commands_is_left_alone() -> None:
    raw = {"agency": "pupr", "agencies": ["dlh", "dlh"], "actor": "sari", "command_id": "1", "seen_seq": 3}
    assert parse("forward", raw) == {"agency": "pupr", "agencies": ("dlh",)}


def test_an_optional_blank_text_was_not_given() -> None:
    assert parse("submit_proof", {"note": " ", "media": None}) == {}


def test_text_is_kept_as_it_was_written() -> None:
    text = " \u202eterbalik 😀\n"
    assert parse("comment", {"text": text}) == {"text": text}
    assert parse("comment", {"text": "x" * 4000})


def test_whole_numbers_are_coordinates() -> None:
    assert parse("triage", {"lat": -6, "lon": 180}) == {"lat": -6.0, "lon": 180.0}


def test_the_room_knows_which_fields_are_texts_and_pictures() -> None:
    found = {name.value: spec.texts for name, spec in SPECS.items() if spec.texts}
    assert found == {
        "decline": ("reason",),
        "ask": ("text",),
        "answer": ("text",),
        "hold": ("reason",),
        "submit_proof": ("note",),
        "send_back": ("reason",),
        "close": ("reason",),
        "reopen": ("reason",),
        "refer_outside": ("reason",),
        "reject": ("reason",),
        "comment": ("text",),
        "reply": ("text",),
        "extend": ("reason",),
        "rate": ("text",),
    }
    assert {name for name, spec in SPECS.items() if spec.media} == {CommandName.SUBMIT_PROOF}


def test_which_other_complaints_a_command_needs() -> None:
    assert needs("merge", {"into": "c2"}) == ("c2",)
    assert needs("split", {"child": "c1"}) == ("c1",)
    assert needs("split", {}) == ()
    assert needs("close", {"reason": "t1"}) == ()


def test_who_gives_a_command_at_all() -> None:
    assert SPECS[CommandName.COMMENT].role_refusal("comment", Role.LEADERSHIP) is None
    no = SPECS[CommandName.CLOSE].role_refusal("close", Role.DUTY)
    assert no is not None and (no.code, no.message) == (Code.ROLE, "close is not for duty")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text(st.characters(categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@given(name=st.sampled_from(CommandName), data=st.data())
def test_whatever_comes_in_is_typed_or_malformed(name: CommandName, data: st.DataObject) -> None:
    fields = sorted({"reason", "text", *FIELDS.get(name.value, {}), "lat", "lon", "until", "media"})
    raw = data.draw(st.dictionaries(st.sampled_from(fields), JSON))
    try:
        parsed = parse(name, raw)
    except Malformed as malformed:
        assert malformed.field.split("[")[0] in {*fields, "category", "agency", "child", "outside", "into", "due_at"}
    else:
        assert set(parsed) <= set(raw)
