"""A dovecot of the tests' own: an IMAP server with one mailbox for each name, all with the same password."""

import grp
import imaplib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.services.process import Process, free_port, listening
from tests.services.wait import until

PROGRAM = shutil.which("dovecot") or "/usr/sbin/dovecot"
PASSWORD = "sandi"
CONFIG = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols = imap
listen = 127.0.0.1, ::1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
mail_uid = {user}
mail_gid = {group}
mail_driver = maildir
mail_path = {home}/mail/%{{user}}
mail_home = {home}/mail/%{{user}}
mail_fsync = never
mailbox_list_layout = fs
first_valid_uid = 1
first_valid_gid = 1
auth_allow_cleartext = yes
auth_mechanisms = plain
auth_failure_delay = 0
ssl = yes
ssl_server_cert_file = {certificate}
ssl_server_key_file = {certificate}
passdb static {{
  password = {{PLAIN}}sandi
}}
userdb static {{
  fields {{
    uid = {user}
    gid = {group}
    home = {home}/mail/%{{user}}
  }}
}}
service imap-login {{
  chroot =
  restart_request_count = unlimited
  process_min_avail = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  process_min_avail = 0
}}
"""


def _account() -> tuple[str, str]:
    """User and group that it runs as: our own, or where we are root one that may do nothing."""
    user = pwd.getpwuid(os.getuid() or pwd.getpwnam("nobody").pw_uid)
    return user.pw_name, grp.getgrgid(user.pw_gid).gr_name


class Dovecot:
    """`port` speaks in the clear or STARTTLS, `tls_port` TLS, both as localhost; a mailbox comes with its log-in."""

    def __init__(self, home: Path) -> None:
        self.home, self.port, self.tls_port = home, free_port(), free_port()
        user, group = _account()
        for name in ("run", "state", "mail"):
            (home / name).mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(home / "mail", user, group)
        self.certificate = home / "localhost.pem"
        words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        words += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(self.certificate)]
        made = subprocess.run([*words, "-out", "-"], check=True, capture_output=True)
        self.certificate.write_bytes(self.certificate.read_bytes() + made.stdout)
        config = home / "dovecot.conf"
        config.write_text(
            CONFIG.format(
                home=home, user=user, group=group, port=self.port, tls_port=self.tls_port, certificate=self.certificate
            )
        )
        self._process = Process([PROGRAM, "-F", "-c", str(config)], log=home / "out.log")

    def start(self) -> None:
        """Start and wait until it listens; nothing to do when it runs."""
        if not self._process.running:
            self._process.start(cwd=self.home)
            until(lambda: listening(self.port), why="dovecot to listen")

    def stop(self) -> None:
        """Stop it; every client loses its connection."""
        self._process.end(signal.SIGTERM)

    def mailbox(self, user: str) -> "Mailbox":
        """The mailbox of a name, empty at first."""
        return Mailbox(self.port, user)


class Mailbox:
    """One mailbox, as another client of it sees it."""

    def __init__(self, port: int, user: str) -> None:
        self.port, self.user = port, user
        self._client = imaplib.IMAP4("127.0.0.1", port, timeout=30)
        self._client.login(user, PASSWORD)

    def add(self, *mails: bytes, folder: str = "INBOX", came: datetime | None = None) -> None:
        """Put mails into a folder; ``came``: when the server says that it had them, in place of now."""
        for mail in mails:
            self._ask(self._client.append(folder, "", imaplib.Time2Internaldate(came) if came else "", mail))

    def count(self, folder: str = "INBOX") -> int:
        """How many mails are in a folder; none in one that is not there."""
        status, found = self._client.select(folder, readonly=True)
        return int(found[0] or 0) if status == "OK" else 0

    def has(self, folder: str) -> bool:
        """Whether there is such a folder."""
        return self._ask(self._client.list('""', f'"{folder}"')) != [None]

    def seen(self, folder: str = "INBOX") -> int:
        """How many mails of a folder are marked as read."""
        self._ask(self._client.select(folder, readonly=True))
        return len(self._ask(self._client.search(None, "SEEN"))[0].split())

    def remove(self, *numbers: int) -> None:
        """Take mails away for good."""
        self._ask(self._client.select("INBOX"))
        self._ask(self._client.store(",".join(map(str, numbers)), "+FLAGS", r"(\Deleted)"))
        self._ask(self._client.expunge())

    def made(self, folder: str) -> None:
        """Make a folder anew, empty and with another UIDVALIDITY."""
        if self._client.state == "SELECTED":
            self._ask(self._client.close())
        self._client.delete(folder)
        self._ask(self._client.create(folder))

    def close(self) -> None:
        """Log out."""
        self._client.logout()

    @staticmethod
    def _ask(answer: tuple[str, list[Any]]) -> list[Any]:
        status, found = answer
        assert status == "OK", found
        return found


@pytest.fixture(scope="session")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """The one dovecot of a worker; each test takes a mailbox of its own."""
    home = tmp_path_factory.mktemp("dovecot")
    for folder in (home, *home.parents[:3]):  # its mails belong to somebody who may do nothing
        if folder.owner() == _account()[0] or os.getuid() == 0:
            folder.chmod(folder.stat().st_mode | 0o011)
    server = Dovecot(home)
    server.start()
    yield server
    server.stop()
