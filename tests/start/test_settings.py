"""Settings with faults are refused before anything is opened, every fault named with its key."""

from pathlib import Path

import pytest

from liveroom.config import load_config
from liveroom.errors import ConfigError


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
        "config.yaml: database.url",
    }


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "config.yaml: city"),
        ("- a list", "config.yaml"),
        ("city: [", "config.yaml"),
        ("city: tangerang\nserver: 5\n", "config.yaml: server"),
        ("city: tangerang\nserver: {port: true}\n", "config.yaml: server.port"),
        ("city: tangerang\ngateway: {url: https://pesan.example}\n", "config.yaml: gateway.secret"),
        ("city: tangerang\ngateway: {url: https://pesan.example, secret: whsec_a}\n", "config.yaml: gateway.secret"),
        ("city: tangerang\ngateway: {url: pesan, secret: whsec_c2VjcmV0}\n", "config.yaml: gateway.url"),
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
