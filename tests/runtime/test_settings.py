"""Settings with faults are refused before anything is opened, every fault named with its key."""

import re
from pathlib import Path

import pytest

from liveroom.domain.complaints.intake import Report
from liveroom.projection.notices import flooding_since
from liveroom.room.bootstrap import Start, open_room
from liveroom.runtime.config import OTHERS, OVERRIDES, SECRET, TRUST, load_config
from liveroom.runtime.errors import ConfigError
from liveroom.runtime.server.thread_mode import ThreadRuntime
from tests.house import tree


def faults(path: Path, text: str, **environment: str) -> dict[str, str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_config(path, environment)
    return {fault.where: fault.message for fault in refused.value.faults}


def test_no_fault_hides_another(tmp_path: Path) -> None:
    text = "city: atlantis\nprot: 5\nserver: {port: 70000, async_mode: foo, hosts: x, prto: 1}\nintake: {queue: 0}\n"
    found = faults(tmp_path / "config.yaml", text, LIVEROOM_DATABASE_URL="mysql://x")
    assert set(found) == {
        "config.yaml: city",
        "config.yaml: prot",
        "config.yaml: server.port",
        "config.yaml: server.async_mode",
        "config.yaml: server.hosts",
        "config.yaml: server.prto",
        "config.yaml: intake.queue",
        "LIVEROOM_DATABASE_URL (database.url)",
    }


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "config.yaml: city"),
        ("- a list", "config.yaml"),
        ("city: [", "config.yaml: line 1"),
        ("city: tangerang\nserver: {port: 1}\nserver: {host: x}\n", "config.yaml: line 3"),
        ("city: tangerang\nredis: {url: localhost:6379}\n", "config.yaml: redis.url"),
        ("city: tangerang\nserver: {hosts: ['https://wall.example']}\n", "config.yaml: server.hosts"),
        ("city: tangerang\nserver: {hosts: ['wall.example:8443']}\n", "config.yaml: server.hosts"),
        ("city: tangerang\ndatabase: {url: postgresql+psycopg://a:p@ss@host/room}\n", "config.yaml: database.url"),
        ("city: tangerang\nserver: 5\n", "config.yaml: server"),
        ("city: tangerang\nalarms: {positions: 0}\n", "config.yaml: alarms.positions"),
        ("city: tangerang\nscreens: {dark_after_s: 9}\n", "config.yaml: screens.dark_after_s"),
        ("city: tangerang\nserver: {port: true}\n", "config.yaml: server.port"),
        ("city: tangerang\npublic: {forms: {plain: 0}}\n", "config.yaml: public.forms.plain"),
        ("city: tangerang\npublic: {forms: {solved: 20}}\n", "config.yaml: public.forms.solved"),
        ("city: tangerang\npublic: {forms: {effort: 9, effort_most: 8}}\n", "config.yaml: public.forms.effort_most"),
        ("city: tangerang\npublic: {forms: {crowds: 8}}\n", "config.yaml: public.forms.crowds"),
        ("city: tangerang\ngateway: {url: https://pesan.example}\n", "config.yaml: gateway.secret"),
        ("city: tangerang\ngateway: {url: https://pesan.example, secret: whsec_a}\n", "config.yaml: gateway.secret"),
        ("city: tangerang\ngateway: {url: pesan, secret: whsec_c2VjcmV0}\n", "config.yaml: gateway.url"),
        ("city: tangerang\ngateway: {countries: [id]}\n", "config.yaml: gateway.countries"),
        ("city: tangerang\ngateway: {countries: ['001']}\n", "config.yaml: gateway.countries"),
        ("city: tangerang\ngateway: {kinds: [mobile, premium_rate]}\n", "config.yaml: gateway.kinds"),
        ("city: tangerang\ngateway: {kinds: [satellite]}\n", "config.yaml: gateway.kinds"),
        ("city: tangerang\ngateway: {never: ['0868']}\n", "config.yaml: gateway.never"),
        ("city: tangerang\ngateway: {never: ['']}\n", "config.yaml: gateway.never"),
    ],
)
def test_a_broken_file_is_told_by_its_key(tmp_path: Path, text: str, where: str) -> None:
    assert where in faults(tmp_path / "config.yaml", text)


def test_the_environment_wins_and_is_checked_as_well(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("city: tangerang\nserver: {port: 1234}\n", encoding="utf-8")
    assert load_config(path, {"LIVEROOM_PORT": "4321"}).server.port == 4321
    with pytest.raises(ConfigError) as refused:
        load_config(path, {"LIVEROOM_PORT": "many"})
    assert [fault.where for fault in refused.value.faults] == ["LIVEROOM_PORT"]


def test_a_fault_says_in_plain_words_what_is_meant(tmp_path: Path) -> None:
    text = "city: tangerang\nsever: {}\nserver: {port: many, hosts: x}\nmail: {security: ssl}\ndata_dir:\n"
    assert faults(tmp_path / "config.yaml", text) == {
        "config.yaml: sever": "is not a setting: do you mean server?",
        "config.yaml: server.port": "must be a whole number, not text",
        "config.yaml: server.hosts": "must be a list such as [a, b], not text",
        "config.yaml: mail.security": "must be one of starttls, tls, none, not 'ssl'",
        "config.yaml: data_dir": "has no value: give it one or take the line out",
    }


def test_a_heading_with_everything_below_it_commented_out_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("city: tangerang\nserver:\n  # port: 1234\n", encoding="utf-8")
    assert load_config(path, {}).server.port == 8000
    assert load_config(path, {"LIVEROOM_PORT": "4321"}).server.port == 4321


def test_a_mistyped_variable_starts_no_other_room(tmp_path: Path) -> None:
    found = faults(tmp_path / "config.yaml", "city: tangerang\n", LIVEROOM_DATABSE_URL="postgresql+psycopg:///x")
    assert found == {
        "LIVEROOM_DATABSE_URL": "is not a variable that the room reads: do you mean LIVEROOM_DATABASE_URL?"
    }


def test_every_variable_that_the_room_reads_is_known() -> None:
    code = "\n".join(tree.text(path) for path in tree.python_files())
    read = {name for name in re.findall(r"\bLIVEROOM_[A-Z_]*[A-Z]\b", code) if not name.startswith(SECRET)}
    assert read <= {*OVERRIDES, *OTHERS, TRUST}


@pytest.mark.parametrize(("positions", "floods"), [(1, True), (2, False)])
def test_two_staffed_desks_bear_what_is_a_flood_for_one(tmp_path: Path, positions: int, floods: bool) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"city: tangerang\nalarms: {{positions: {positions}}}\n", encoding="utf-8")
    config = load_config(path, {"LIVEROOM_DATA_DIR": str(tmp_path)})
    room = open_room(config, ThreadRuntime(), Start(kind="test", city="tangerang")).room
    fires = (Report(source_id=str(n), category="kebakaran", lat=-6.1781, lon=106.6319) for n in range(11))
    room.accept_many(tuple(fires), source="lapor")
    assert (room.log.read(flooding_since) is not None) is floods
