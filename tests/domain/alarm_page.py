"""The generated parts of docs/alarms.md, written anew from the rules by ``python -m tests.domain.alarm_page``."""

from pathlib import Path

from liveroom.domain.alarms.evolve import STATES, evolve_alarm
from liveroom.domain.alarms.model import AlarmState
from liveroom.domain.alarms.records import RECORDS, AlarmRecord
from liveroom.domain.events import Kind
from liveroom.runtime.language import text
from tests.domain.test_alarm_life import alarm_in, logged

PAGE = Path(__file__).parents[2] / "docs" / "alarms.md"


def written() -> str:
    """The page with its generated parts as they should be."""
    return _with(_with(PAGE.read_text(), "events", _events()), "records", _records())


def _with(page: str, name: str, lines: list[str]) -> str:
    begin, end = f"<!-- generated: {name} -->", f"<!-- end of the generated part: {name} -->"
    before, rest = page.split(begin)
    return before + begin + "\n\n" + "\n".join(lines) + "\n\n" + end + rest.split(end)[1]


def _events() -> list[str]:
    head = ["event", *(_word(state) for state in AlarmState)]
    rows = [[f"`{kind}`", *(_after(kind, state) for state in AlarmState)] for kind in STATES]
    return [_row(head), _row(["---"] * len(head)), *map(_row, rows)]


def _after(kind: str, state: AlarmState) -> str:
    """The state afterwards, ``·`` for the same, nothing where the event is no transition."""
    if state not in STATES[kind]:
        return ""
    after = evolve_alarm(alarm_in(state), logged(Kind(kind))).state
    return "·" if after is state else _word(after)


def _word(state: AlarmState) -> str:
    return state.value.replace("_", " ")


def _records() -> list[str]:
    head = ["", "cause", "consequence", "action", "time to respond", "P", "owner"]
    lines = [_row(head), _row(["---"] * len(head))]
    for kind, record in RECORDS.items():
        lines += [_record(kind, record, language) for language in ("id", "en")]
    return lines


def _record(kind: str, record: AlarmRecord, language: str) -> str:
    said = {name: text(key, language) for name, key in record.keys.items()}
    name = f"`{kind}` {said['name']}" if language == "id" else said["name"]
    parts = (said[part] for part in ("cause", "consequence", "action", "respond"))
    return _row([name, *parts, str(record.priority), said["owner"]])


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(written())
