"""The generated parts of docs/commands.md, written anew from the rules by ``python -m tests.domain.command_page``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from liveroom.domain.alarms.commands import ALARM_SPECS, AlarmCommandName, AlarmSpec
from liveroom.domain.alarms.model import AlarmState
from liveroom.domain.complaints.commands import SPECS, ComplaintSpec, PauseRule
from liveroom.domain.complaints.model import State, Status
from liveroom.domain.fields import CommandSpec
from liveroom.domain.outbox import OUTBOX_SPECS
from liveroom.domain.requests import CommandName, Refused, Role
from liveroom.domain.room import ROOM_SPECS, RoomCommandName, RoomSpec
from liveroom.domain.screens import screen_specs
from liveroom.domain.users import user_specs
from tests.domain.little_room import LittleRoom
from tests.domain.stages import FIELDS, room_with

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
BEGIN, END = "<!-- generated: python -m tests.domain.command_page -->", "<!-- end of the generated part -->"
SHORT = {State.PROOF_SUBMITTED: "proof", State.NOT_OURS: "not ours"}
WHILE_PAUSED = {PauseRule.ANY: "yes", PauseRule.NONE: "no", PauseRule.PAUSED: "only", PauseRule.CITIZEN: "only"}


def written() -> str:
    """The page with its generated parts as they should be."""
    before, rest = PAGE.read_text().split(BEGIN)
    page = before + BEGIN + "\n\n" + _states() + "\n" + _specs() + "\n" + END + rest.split(END)[1]
    parts = {
        "alarms": _alarms(),
        "room": _room(),
        "screens": _plain(screen_specs({})),
        "outbox": _plain(OUTBOX_SPECS),
        "people": _plain(user_specs(())),
    }
    for name, table in parts.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end of the generated part: {name} -->"
        before, rest = page.split(begin)
        page = before + begin + "\n\n" + table + "\n" + end + rest.split(end)[1]
    return page


def _plain(specs: Mapping[Any, CommandSpec]) -> str:
    head = ["command", "who", "fields (? optional)"]
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row([f"`{name}`", _who(spec), _fields(spec)]) for name, spec in specs.items()]
    return "\n".join(lines) + "\n"


def _who(spec: CommandSpec) -> str:
    return ", ".join(role.value for role in Role if role in spec.roles)


def _fields(spec: CommandSpec) -> str:
    return ", ".join(field.name + ("" if field.required else "?") for field in spec.fields) or "–"


def _room() -> str:
    head = ["command", "who", "fields (? optional)", "line", "lasts (real time)"]
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row([f"`{name}`", *_room_spec(ROOM_SPECS[name])]) for name in RoomCommandName]
    return "\n".join(lines) + "\n"


def _room_spec(spec: RoomSpec) -> list[str]:
    lasts = "ends it" if spec.ends else f"{spec.lasts.total_seconds():g} s" if spec.lasts else "–"
    return [_who(spec), _fields(spec), f"`{spec.line}`", lasts]


def _alarms() -> str:
    head = ["command", "who", "states", "fields (? optional)", "also refused with"]
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row([f"`{name}`", *_alarm_spec(ALARM_SPECS[name])]) for name in AlarmCommandName]
    return "\n".join(lines) + "\n"


def _alarm_spec(spec: AlarmSpec) -> list[str]:
    states = ", ".join(state.value for state in AlarmState if state in spec.states)
    return [_who(spec), states, _fields(spec), ", ".join(sorted(code.value for code in spec.refuses)) or "–"]


def _states() -> str:
    head = ["command", *(SHORT.get(state, state.value) for state in State)]
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row([f"`{name}`", *(_after(name, state) for state in State)]) for name in CommandName]
    return "\n".join(lines) + "\n"


def _specs() -> str:
    head = ["command", "who", "fields (? optional)", "while paused", "stale after", "also refused with"]
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row([f"`{name}`", *_spec(SPECS[name])]) for name in CommandName]
    return "\n".join(lines) + "\n"


def _spec(spec: ComplaintSpec) -> list[str]:
    stale = ", ".join(sorted(kind.value.removeprefix("complaint.") for kind in spec.conflicts))
    codes = ", ".join(sorted(code.value for code in spec.refuses))
    return [_who(spec), _fields(spec), WHILE_PAUSED[spec.pause], stale or "never", codes or "–"]


def _after(name: CommandName, state: State) -> str:
    """What a command makes of a complaint in a state: the new state, ``·`` for the same, nothing where refused."""
    for paused in (False, True):
        for agency in ("pupr", "dlh"):
            after = _tried(name, state, paused=paused, agency=agency)
            if after is not None:
                return "·" if after is state else SHORT.get(after, after.value)
    return ""


def _tried(name: CommandName, state: State, *, paused: bool, agency: str) -> State | None:
    room = room_with(state)
    role = min(SPECS[name].roles, key=list(Role).index)
    try:
        if paused:
            _pause(room)
        room.execute(name, by=role, of=agency, actor="somebody", **FIELDS.get(name, {}))
    except Refused:
        return None
    return room["c1"].state


def _pause(room: LittleRoom) -> None:
    if room["c1"].status in (Status.WAITING, Status.IN_PROCESS):
        room.execute("ask", by="duty", text="di mana?")


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(written())
