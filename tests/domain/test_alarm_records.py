"""What is written of alarms is what the rules do: the record of every type (CR-05), the page, every payload."""

from dataclasses import fields

import pytest

from liveroom.domain.alarms.model import PRIORITY, AlarmKind
from liveroom.domain.alarms.records import FEED, OUTBOX, RECORDS, SCREEN, AlarmRecord
from liveroom.domain.events import Subject
from liveroom.runtime.language import catalogue, text
from tests.domain import alarm_page
from tests.domain.test_alarm_any_sequence import DAYS, some_day
from tests.domain.test_pages import DOCUMENTED
from tests.domain.test_surge import folded, moved, reported

NOT_AN_ACTION = ("", "none", "automatic", "tidak ada", "otomatis")
SIX = {"cause", "consequence", "action", "respond", "priority", "owner"}


def test_cr_05_every_type_has_one() -> None:
    assert set(RECORDS) == {kind.value for kind in AlarmKind} | {FEED, SCREEN, OUTBOX}


@pytest.mark.parametrize("kind", RECORDS)
def test_cr_05_all_six_fields_and_none_empty(kind: str) -> None:
    record = RECORDS[kind]
    assert record.kind == kind
    assert {field.name for field in fields(AlarmRecord)} | set(record.keys) == SIX | {"name", "kind"}
    for language in catalogue().languages:
        said = {name: text(key, language) for name, key in record.keys.items()}
        assert all(words.strip() for words in said.values())
        assert said["action"].strip(" .").lower() not in NOT_AN_ACTION


@pytest.mark.parametrize("kind", AlarmKind)
def test_cr_06_the_record_tells_the_priority_that_the_alarm_has(kind: AlarmKind) -> None:
    assert RECORDS[kind.value].priority == PRIORITY[kind]


def test_the_page_of_alarms_is_as_the_rules_are() -> None:
    assert alarm_page.PAGE.read_text() == alarm_page.written(), "python -m tests.domain.alarm_page"


def test_every_payload_key_of_an_alarm_is_described_and_exists() -> None:
    found: dict[str, set[str]] = {}
    for logged in (logged for seed in DAYS for logged in some_day(seed).log):
        if logged.event.subject is Subject.ALARM:
            found.setdefault(logged.event.kind.value, set()).update(logged.event.fields)
    assert found == {kind: keys for kind, keys in DOCUMENTED.items() if kind.startswith("alarm.")}


def test_every_payload_key_of_a_surge_is_described_and_exists() -> None:
    (began,) = moved([], reported(12))
    (grown,) = moved([folded(began)], reported(13))
    (ended,) = moved([folded(began)], [])
    found = {event.kind.value: set(event.fields) for event in (began, grown, ended)}
    assert found == {kind: keys for kind, keys in DOCUMENTED.items() if kind.startswith("surge.")}
