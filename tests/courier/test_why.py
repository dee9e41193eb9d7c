"""An agency's system with a certificate that ran out: the desk reads why, an alarm comes, it goes on once mended."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.rooms.post_room import PostRoom
from tests.services.process import free_port
from tests.services.receivers import System

PAST = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC))
TODAY = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))
HERE = x509.IPAddress(ip_address("127.0.0.1"))
Certify = Callable[..., ssl.SSLContext]


@pytest.fixture
def certify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certify:
    """`certify(since, until, name)`: the server's side of a certificate signed by itself, which this machine trusts."""
    own, trusted = tmp_path / "own.pem", tmp_path / "trusted.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    trusted.touch()

    def certify(since: datetime, until: datetime, name: x509.GeneralName = HERE) -> ssl.SSLContext:
        key = rsa.generate_private_key(65537, 2048)
        crt = certificate(key, since, until, name).public_bytes(Encoding.PEM)
        trusted.write_bytes(trusted.read_bytes() + crt)
        own.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + crt)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own)
        return context

    return certify


def certificate(key: rsa.RSAPrivateKey, since: datetime, until: datetime, name: x509.GeneralName) -> x509.Certificate:
    """One that vouches for itself."""
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "agency")])
    words = x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number(), since, until)
    words = words.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    # Of two of the same name each is known by its key.
    words = words.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    words = words.add_extension(issuer, critical=False)
    words = words.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    return words.sign(key, SHA256())


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
    system.start(certify(*TODAY, x509.DNSName("elsewhere.example")))
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
