"""An agency's system with a certificate that ran out: the desk reads why, an alarm comes, it goes on once mended."""

import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.courier.post_room import PostRoom
from tests.courier.receivers import System
from tests.services.process import free_port

PAST = ("20200101000000Z", "20200201000000Z")
TODAY = ("20200101000000Z", "20990101000000Z")
Certify = Callable[..., ssl.SSLContext]


@pytest.fixture
def certify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certify:
    """`certify(since, until, name)`: the server's side of a certificate signed by itself, which this machine trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificates")
    key, trusted = tmp_path / "key.pem", tmp_path / "trusted.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    trusted.touch()

    def certify(since: str, until: str, name: str = "IP:127.0.0.1") -> ssl.SSLContext:
        words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=agency"]
        words += ["-not_before", since, "-not_after", until, "-addext", f"subjectAltName={name}"]
        subprocess.run([*words, "-keyout", str(key), "-out", f"{key}.crt"], check=True, capture_output=True)
        crt = Path(f"{key}.crt").read_text()
        trusted.write_text(trusted.read_text() + crt)
        key.write_text(key.read_text() + crt)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(key)
        return context

    return certify


def reach(system: System) -> dict[str, dict[str, str]]:
    return {"dishub": {"channel": "webhook", "url": system.url.replace("http:", "https:"), "secret": "hook"}}


def test_a_certificate_that_ran_out_is_told_and_what_waited_goes_once_it_is_new(
    post_on_file: Callable[..., PostRoom], certify: Certify, system: System
) -> None:
    system.stop()
    old, new = certify(*PAST), certify(*TODAY)
    room = post_on_file(reach=reach(system))
    system.start(old)
    room.forwarded("dishub")
    room.go_round()
    (attempt,) = room.attempts(room.deliveries()[0])
    assert (attempt.outcome, attempt.code) == ("unreachable", "certificate_expired")
    room.later(minutes=20).go_round()
    room.later(minutes=1).go_round()
    assert room.alarm("lost:outbox:dishub").state == "unacked"
    assert system.requests == [], "nothing was said to who cannot prove its name"
    system.stop()
    system.start(new)
    room.later(minutes=20).go_round()
    assert [one.state for one in room.deliveries()] == ["sent"]
    assert (len(system.requests), room.alarm("lost:outbox:dishub").state) == (1, "returned")


def test_another_ones_certificate_a_name_unknown_and_a_closed_port_are_told_apart(
    post_on_file: Callable[..., PostRoom], certify: Certify, system: System
) -> None:
    system.stop()
    system.start(certify(*TODAY, "DNS:elsewhere.example"))
    hook = {"channel": "webhook", "secret": "hook"}
    room = post_on_file(
        reach={
            "dishub": {**hook, "url": f"https://127.0.0.1:{system.port}/"},
            "dlh": {**hook, "url": "https://nobody.invalid/"},
            "dpupr": {**hook, "url": f"http://127.0.0.1:{free_port()}/"},
        }
    )
    room.forwarded("dishub", "dlh", "dpupr")
    room.go_round()
    assert {one.key: room.attempts(one)[0].code for one in room.deliveries()} == {
        "dishub": "certificate_name",
        "dlh": "no_name",
        "dpupr": "closed_port",
    }
