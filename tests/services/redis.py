"""A Redis of the tests' own, which may die at any time."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.process import Process, free_port, listening
from tests.services.wait import until


class RedisServer:
    """One server on `port`; it keeps nothing over a stop."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        words = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(home)]
        self._process = Process([*words, "--save", "", "--appendonly", "no"], log=home / "redis.log")

    def start(self) -> None:
        """Start and wait until it listens; nothing to do when it runs."""
        if not self._process.running:
            self._process.start(cwd=self.home)
            until(lambda: listening(self.port), why="Redis to listen")

    def stop(self) -> None:
        """Stop it; every client loses its connection."""
        self._process.end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9."""
        self._process.end(signal.SIGKILL)


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The one Redis of this test run; tests ask for `redis_server`."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_server(redis_process: RedisServer) -> Iterator[RedisServer]:
    """Redis, running again after a test that stopped it."""
    yield redis_process
    redis_process.start()
