"""Mail over TLS with a log-in, and servers that answer without end: a letter never leaves in the clear or for ever."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from liveroom.runtime.config import MailSettings
from liveroom.runtime.http_client import within
from tests.rooms.post_room import PostRoom
from tests.services.receivers import Mailbox
from tests.services.wait import until

Post = Callable[..., PostRoom]
pytestmark = [
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate"),
    # aiosmtpd does not see that a server of the kind `tls` speaks nothing else.
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with key and certificate of `localhost`, signed by itself."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    words += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(file), "-out", f"{file}.crt"]
    subprocess.run(words, check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


@pytest.fixture(params=["starttls", "tls"])
def secured(request: pytest.FixtureRequest, certificate: Path) -> Iterator[tuple[str, Mailbox, list[object]]]:
    """(security, mailbox, log-ins) of a server that takes nothing before TLS and a log-in."""
    mailbox, log_ins = Mailbox(), list[object]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def authenticate(_server: object, _session: object, _envelope: object, _how: str, data: object) -> AuthResult:
        log_ins.append(data)
        known = data == LoginPassword(b"ruang", b"rahasia")
        return AuthResult(success=known, handled=known)

    how = (
        {"tls_context": context, "require_starttls": True} if request.param == "starttls" else {"ssl_context": context}
    )
    controller = Controller(
        mailbox,
        hostname="localhost",
        port=mailbox.port,
        ready_timeout=60,
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=request.param == "starttls",
        **how,
    )
    controller.start()
    yield request.param, mailbox, log_ins
    controller.stop()


def settings(security: str, port: int, password: str = "rahasia") -> MailSettings:
    return MailSettings(
        host="localhost", port=port, security=security, user="ruang", password=password, sender="r@kota.example"
    )


def test_a_letter_goes_over_tls_after_a_log_in(
    post_on_file: Post, secured: tuple[str, Mailbox, list[object]], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    security, mailbox, _ = secured
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    room = post_on_file(mail=settings(security, mailbox.port))
    room.forwarded("dpupr")
    room.go_round()
    assert len(mailbox.messages) == 1


def test_a_wrong_password_is_no_refusal_of_the_letter(
    post_on_file: Post, secured: tuple[str, Mailbox, list[object]], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    security, mailbox, _ = secured
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    room = post_on_file(mail=settings(security, mailbox.port, password="salah-sekali"))
    room.forwarded("dpupr")
    room.go_round()
    (attempt,) = room.attempts(room.deliveries()[0])
    assert (attempt.outcome, attempt.code) == ("unreachable", "535")
    assert (mailbox.messages, "salah" in attempt.reason) == ([], False)


def test_a_server_that_cannot_prove_its_name_gets_neither_password_nor_letter(
    post_on_file: Post, secured: tuple[str, Mailbox, list[object]]
) -> None:
    security, mailbox, log_ins = secured
    room = post_on_file(mail=settings(security, mailbox.port))
    room.forwarded("dpupr")
    room.go_round()
    (attempt,) = room.attempts(room.deliveries()[0])
    assert (attempt.outcome, attempt.code) == ("unreachable", "certificate_own")
    assert (mailbox.messages, log_ins) == ([], [])


@pytest.fixture
def hostile() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """`hostile(says) -> port` of a server that says what it is told to each who comes."""
    listeners: list[socket.socket] = []

    def start(says: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            try:
                with listener.accept()[0] as connection:
                    says(connection)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for listener in listeners:
        listener.close()


def without_end(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"220-and another line\r\n" * 100)


def byte_by_byte(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"2")
        threading.Event().wait(0.05)


@pytest.mark.parametrize(
    ("says", "code", "whole_s"),
    # What is said without end is ended by its length, however long a slow machine takes to read that much.
    [(without_end, "unreachable", 60.0), (byte_by_byte, "timeout", 1.0)],
)
def test_a_hostile_server_is_bounded(
    post_on_file: Post,
    hostile: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    says: Callable[[socket.socket], None],
    code: str,
    whole_s: float,
) -> None:
    monkeypatch.setattr("liveroom.courier.mail.WHOLE_S", whole_s)
    monkeypatch.setattr("liveroom.courier.mail.STEP_S", 60.0)
    room = post_on_file(
        mail=MailSettings(host="127.0.0.1", port=hostile(says), security="none", sender="r@kota.example")
    )
    room.forwarded("dpupr")
    room.go_round()
    (attempt,) = room.attempts(room.deliveries()[0])
    assert (attempt.outcome, attempt.code) == ("unreachable", code)
    # A line of that length takes seven minutes byte by byte.
    assert attempt.took_ms < 60_000


def test_a_connection_that_opens_when_the_time_is_up_is_cut_at_once() -> None:
    """As after a name that was looked up for too long: nobody would end one that drips."""
    ours, theirs = socket.socketpair()
    with ours, theirs, within(0.0) as guard:
        until(lambda: guard.late, why="the time to be up")
        guard.watch(lambda: ours)
        assert theirs.recv(1) == b""
