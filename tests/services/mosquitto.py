"""An MQTT broker of the tests' own, which may die at any time; with a password, and with TLS on a second port."""

import getpass
import ipaddress
import signal
import subprocess
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from paho.mqtt import publish
from paho.mqtt.enums import MQTTProtocolVersion

from liveroom.runtime.time import system_now
from tests.services.process import Process, free_port, listening
from tests.services.wait import until

USER, PASSWORD = "alat", "kata-sandi"


class Mosquitto:
    """One broker on ``port``, and on ``tls_port`` with the certificate ``ca``; its sessions outlast a stop."""

    def __init__(self, home: Path) -> None:
        self.home, self.port, self.tls_port = home, free_port(), free_port()
        self.ca = home / "ca.pem"
        _write_certificate(self.ca, home / "key.pem")
        passwords = home / "passwords"
        subprocess.run(["mosquitto_passwd", "-c", "-b", passwords, USER, PASSWORD], check=True, capture_output=True)
        settings = [
            f"user {getpass.getuser()}", "allow_anonymous false", f"password_file {passwords}",
            "persistence true", f"persistence_location {home}/", "max_queued_messages 0", "log_dest stderr",
            f"listener {self.port} 127.0.0.1", f"listener {self.tls_port} 127.0.0.1", f"certfile {self.ca}",
            f"keyfile {home / 'key.pem'}",
        ]  # fmt: skip
        (home / "mosquitto.conf").write_text("\n".join(settings) + "\n")
        self._process = Process(["/usr/sbin/mosquitto", "-c", str(home / "mosquitto.conf")], log=home / "mosquitto.log")

    def start(self) -> None:
        """Start and wait until it listens; nothing to do when it runs."""
        if not self._process.running:
            self._process.start(cwd=self.home)
            until(lambda: listening(self.port), why="mosquitto to listen")

    def stop(self) -> None:
        """Stop it; every client loses its connection, and what is kept goes to its disk."""
        self._process.end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9."""
        self._process.end(signal.SIGKILL)

    def publish(self, messages: Sequence[tuple[str, object]], *, retain: bool = False) -> None:
        """Topics and payloads, with QoS 1, in order."""
        said = [{"topic": topic, "payload": payload, "qos": 1, "retain": retain} for topic, payload in messages]
        login = {"username": USER, "password": PASSWORD}
        publish.multiple(said, hostname="127.0.0.1", port=self.port, auth=login, protocol=MQTTProtocolVersion.MQTTv311)


def _write_certificate(ca: Path, key_file: Path) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, here = system_now(), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    ca.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))


@pytest.fixture(scope="session")
def mosquitto_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """The one broker of this test run; tests ask for `mosquitto`."""
    broker = Mosquitto(tmp_path_factory.mktemp("mosquitto"))
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def mosquitto(mosquitto_process: Mosquitto) -> Iterator[Mosquitto]:
    """A broker, running again after a test that stopped it."""
    yield mosquitto_process
    mosquitto_process.start()
