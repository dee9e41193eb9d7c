"""Records go to a journal as JSON lines that quote nobody, to a terminal as readable ones, from every thread."""

import json
import logging
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from liveroom.runtime.logging import RepeatFilter

ROOT = Path(__file__).resolve().parents[2]
SECRET = "Budi 0812-3456"
SPEAKS = f"""
import logging
from liveroom.runtime.logging import set_up_logging
set_up_logging()
log = logging.getLogger("liveroom.room.clock")
log.info("the day %s is open", "2026-11-24")
log.debug("not this")
logging.getLogger("alembic.runtime").info("nor this")
try:
    try:
        {{}}["{SECRET}"]
    except KeyError as error:
        raise ValueError("could not read {SECRET}") from error
except ValueError:
    log.exception("a report was not understood")
"""
# What eventlet's issue 432 describes: records from the native thread beside records from greenlets.
FROM_ALL_THREADS = """
import logging
from liveroom.runtime import patch, runtime_of
patch("eventlet")
from liveroom.runtime.logging import set_up_logging
set_up_logging()
log, runtime, ended = logging.getLogger("liveroom"), runtime_of("eventlet", "sqlite://"), []
def native(call):
    for n in range(50):
        log.info("native %d %d", call, n)
def databases():
    for call in range(20):
        runtime.run_db(lambda: native(call))
    ended.append(1)
def green(who):
    for n in range(2000):
        log.info("green %d %d", who, n)
        if n % 20 == 0:
            runtime.sleep(0)
    ended.append(1)
runtime.spawn(databases)
runtime.spawn(green, 1)
runtime.spawn(green, 2)
while len(ended) < 3:
    runtime.sleep(0.01)
"""


def run(script: str, **where: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False, timeout=180, **where)


def journal(script: str) -> tuple[int, list[dict[str, object]], bytes]:
    """Exit code, records and the raw bytes of a script whose standard error is a pipe."""
    done = run(script, stderr=subprocess.PIPE)
    return done.returncode, [json.loads(line) for line in done.stderr.splitlines()], done.stderr


def test_a_journal_gets_one_json_object_a_record() -> None:
    code, records, _ = journal(SPEAKS)
    assert code == 0
    assert [record["event"] for record in records] == ["the day 2026-11-24 is open", "a report was not understood"]
    first = records[0]
    assert (first["level"], first["logger"]) == ("info", "liveroom.room.clock")
    assert str(first["time"]).endswith("Z")


def test_a_journal_learns_where_an_error_was_and_never_what_it_quotes() -> None:
    _, records, raw = journal(SPEAKS)
    assert records[1]["fault"] == "ValueError from KeyError"
    assert records[1]["where"]
    assert SECRET.encode() not in raw


def test_an_error_that_nobody_caught_is_one_line_too() -> None:
    code, records, raw = journal(SPEAKS + f"\nraise RuntimeError('{SECRET}')\n")
    assert code == 1
    assert (records[-1]["level"], records[-1]["fault"]) == ("critical", "RuntimeError")
    assert SECRET.encode() not in raw


def test_an_interrupted_process_says_nothing() -> None:
    _, records, _ = journal(SPEAKS + "\nraise KeyboardInterrupt\n")
    assert len(records) == 2


def to_the_end(terminal: int) -> Iterator[bytes]:
    """What was written there: it may come in parts, and after the last nobody is at the other side."""
    with suppress(OSError):
        while part := os.read(terminal, 1 << 16):
            yield part


def test_a_terminal_gets_lines_for_a_person() -> None:
    ours, theirs = pty.openpty()
    done = run(SPEAKS, stderr=theirs)
    os.close(theirs)
    shown = b"".join(to_the_end(ours)).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "the day 2026-11-24 is open" in shown
    assert "Traceback" in shown and SECRET in shown
    assert '{"' not in shown


def test_libraries_of_the_feed_add_no_second_voice() -> None:
    script = """
from liveroom.runtime.logging import set_up_logging
set_up_logging()
import flask, flask_socketio, logging
flask_socketio.SocketIO(flask.Flask("liveroom"), async_mode="threading")
for name in ("engineio.server", "socketio.server"):
    logging.getLogger(name).error("heard once")
"""
    _, records, _ = journal(script)
    assert [record["logger"] for record in records] == ["engineio.server", "socketio.server"]


def test_what_is_said_again_and_again_is_told_once_in_a_while_with_a_count() -> None:
    now = [0.0]
    repeats = RepeatFilter(lambda: now[0])
    told = []
    for second in range(25):
        now[0] = float(second)
        record = logging.makeLogRecord({"name": "liveroom.room.clock", "msg": "cannot reach the log"})
        if repeats.filter(record):
            told.append((second, record.again))
        assert repeats.filter(logging.makeLogRecord({"name": "liveroom.room.clock", "msg": f"event {second}"}))
    assert told == [(0, 0), (10, 9), (20, 9)]


def test_what_a_library_prints_is_a_record_that_quotes_nobody() -> None:
    script = f"""
import sys, traceback, click
from liveroom.runtime.logging import set_up_logging
set_up_logging()
sys.stderr.write("socket shutdown error")
def fail():
    raise ValueError("{SECRET}\\n[parameters: {SECRET}]")
try:
    fail()
except ValueError:
    traceback.print_exc()
    sys.stderr.write(traceback.format_exc())
print("after", file=sys.stderr)
click.echo("Error: no database", err=True)
"""
    code, records, raw = journal(script)
    printed = "a library printed an error: ValueError"
    assert [record["event"] for record in records] == ["socket shutdown error", printed, "after", "Error: no database"]
    assert "in fail" in records[1]["where"][-1]
    assert (code, SECRET.encode() in raw) == (0, False)


def test_a_greenlet_that_dies_is_a_record_too() -> None:
    script = f"""
from liveroom.runtime import patch, runtime_of
patch("eventlet")
from liveroom.runtime.logging import set_up_logging
set_up_logging()
runtime = runtime_of("eventlet", "sqlite://")
def die():
    raise ValueError("{SECRET}")
runtime.spawn(die)
runtime.sleep(0.1)
"""
    code, records, raw = journal(script)
    assert [record["level"] for record in records] == ["error"]
    assert (code, SECRET.encode() in raw) == (0, False)


def test_the_native_thread_may_log_beside_greenlets() -> None:
    code, records, _ = journal(FROM_ALL_THREADS)
    assert code == 0
    assert len(records) == 20 * 50 + 2 * 2000
