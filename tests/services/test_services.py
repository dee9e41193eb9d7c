"""The tests' own servers do what the other tests rely on."""

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.services.browser import WatchedPage
from tests.services.postgres import Postgres
from tests.services.redis import RedisServer
from tests.services.wait import until


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_each_database_is_its_own(postgres: Postgres) -> None:
    one, other = postgres.fresh_database(), postgres.fresh_database()
    with connect(one) as left, connect(other) as right:
        left.execute("create table seen (id int)")
        assert right.execute("select to_regclass('seen')").fetchone() == (None,)


def answers(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.parametrize("outage", [Postgres.stop, Postgres.kill])
def test_postgres_comes_back_with_what_was_committed(
    postgres: Postgres, postgres_url: str, outage: Callable[[Postgres], None]
) -> None:
    with connect(postgres_url) as connection:
        connection.execute("create table kept as select 7 as id")
        outage(postgres)
        # A worker that was amid its end when the kill came may answer once more.
        until(lambda: not answers(connection), why="the connection to be gone")
    postgres.start()
    with connect(postgres_url) as connection:
        assert connection.execute("select id from kept").fetchone() == (7,)


def test_redis_dies_and_comes_back(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.ping()
        redis_server.kill()
        with pytest.raises(redis.exceptions.ConnectionError):
            client.ping()
        redis_server.start()
        assert client.ping()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


def test_a_page_that_keeps_to_itself(site: str, tmp_path: Path, open_page: Callable[..., WatchedPage]) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><html data-seq='3'><link rel=icon href='data:,'>still</html>")
    watched = open_page(site)
    assert (watched.state("seq"), watched.outside, watched.errors) == ("3", [], [])


def test_what_leaves_the_origin_is_noted(site: str, tmp_path: Path, open_page: Callable[..., WatchedPage]) -> None:
    (tmp_path / "index.html").write_text(
        "<!doctype html><link rel=icon href='data:,'><img src='http://127.0.0.1:9/a.png'>"
        "<script>new WebSocket('ws://127.0.0.1:9/feed'); console.error('seen')</script>"
    )
    watched = open_page(site)

    def noted() -> bool:
        watched.page.evaluate("1")  # lets what the page has told arrive
        return len(watched.outside) == 2 and "seen" in watched.errors

    until(noted, why="both addresses to be asked for, and the error to be told")
    assert sorted(watched.outside) == ["http://127.0.0.1:9/a.png", "ws://127.0.0.1:9/feed"]
    watched.outside.clear()
