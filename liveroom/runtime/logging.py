"""Structlog set-up."""

import io
import logging
import os
import sys
import threading
from collections.abc import Callable
from io import FileIO
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from liveroom.runtime.time import monotonic

# What libraries print on standard error, as records: whole lines, and of a traceback its places and its type.
#
# Async libraries print the errors of their greenlets themselves. The text of an error may quote a complaint, so of what
# looks like one nothing is kept but where it happened and what it was.

LONGEST = 500
OPENS = "Traceback (most recent call last):"
log = logging.getLogger("liveroom.stderr")


class CapturedStdio(io.TextIOBase):
    """Stands in for ``sys.stderr``. A traceback comes in one piece or in pieces; its message is always in one."""

    def __init__(self) -> None:
        super().__init__()
        self._places: list[str] | None = None

    encoding = "utf-8"
    errors = "backslashreplace"

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, text: str) -> int:
        """Take what was printed; returns its length."""
        if not isinstance(text, str):
            raise TypeError("standard error takes text")
        if OPENS in text:
            self._places = []
        if self._places is None:
            self._line(text)
        else:
            self._piece(self._places, text)
        return len(text)

    @staticmethod
    def _line(text: str) -> None:
        told = " ".join(text.split())[:LONGEST]
        if told:
            log.log(logging.ERROR if told.startswith("Error: ") else logging.WARNING, "%s", told)

    def _piece(self, places: list[str], text: str) -> None:
        for line in text.splitlines():
            if line.startswith('  File "'):
                places.append(line.strip())
            elif line and not line.startswith((" ", OPENS)):
                self._places = None
                kind = line.partition(":")[0][:LONGEST] or "error"
                log.error("a library printed an error: %s", kind, extra={"where": tuple(places)})
                return


# Keeps a log readable while something is away: the same record is told once in a while, with a count.
#
# One that bears an error with ``once`` set is told a single time: what is wrong stays so until a person comes.

QUIET_S = 10.0
KEPT = 200


class RepeatFilter(logging.Filter):
    """Lets a message through at first and then every ``QUIET_S``; ``again`` on the record counts those held back."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._now = now
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the record."""
        key, now = (record.name, record.getMessage()), self._now()
        at, held = self._told.get(key, (None, 0))
        if at is not None and (now - at < QUIET_S or _once(record)):
            self._told[key] = (at, held + 1)
            return False
        record.again = held
        self._remember(key, now)
        return True

    def _remember(self, key: tuple[str, str], now: float) -> None:
        if len(self._told) >= KEPT:
            self._told = {}
        self._told[key] = (now, 0)


def _once(record: logging.LogRecord) -> bool:
    return isinstance(record.args, tuple) and any(getattr(one, "once", False) for one in record.args)


# Where log records go: one line each on standard error, JSON for a journal, readable for a person at a terminal.
#
# What an exception says may quote a complaint or a key, so a journal gets its type and place and never its text.

STDERR = 2
OURS = ("app", "cli", "liveroom", "display", "ingest")
# These would lower their own level or add their own handler if nobody had set a level before.
THEIRS = ("engineio.server", "socketio.server", "werkzeug")
FRAMES = 12
Failure = tuple[type[BaseException], BaseException, TracebackType | None]


class Unlocked(logging.Handler):
    """Writes each record in one go and takes no lock: it may be called from the database's native thread.

    Under eventlet a handler's lock is green. A stress of 200 calls on the native thread beside three logging greenlets
    hung at once with the standard handler (0 of 200 in 40 s; eventlet issue 432) and lost nothing with this one. A raw
    file, since eventlet's ``os.write`` waits in the hub, and the native thread has none.
    """

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._file = FileIO(fd, "w", closefd=False)

    def createLock(self) -> None:  # noqa: N802 - the standard library's name
        """None: one write of one line needs no other turn than the kernel's."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Write the record; True if it passed the filters."""
        passed = bool(self.filter(record))
        if passed:
            self.emit(record)
        return passed

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; a journal that is gone must not take the room with it."""
        line = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
        try:
            while line:
                line = line[self._file.write(line) or len(line) :]
        except OSError:
            return


def set_up_logging(fd: int = STDERR) -> None:
    """Send every record of ours from INFO on, and of libraries from WARNING on, to ``fd``; uncaught errors too."""
    handler = Unlocked(fd)
    handler.addFilter(RepeatFilter())
    handler.setFormatter(_formatter(terminal=os.isatty(fd)))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in THEIRS:
        logging.getLogger(name).setLevel(logging.WARNING)
    if not os.isatty(fd):
        sys.stderr = CapturedStdio()
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace ``exc_info`` by ``fault`` (types, cause last) and ``where`` (file, line and function, innermost last)."""
    failure = _failure(event.pop("exc_info", None))
    if failure is not None:
        kind, error, trace = failure
        event["fault"] = " from ".join(_types(kind, error))
        event["where"] = _places(trace)
    return event


def with_more(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add what a record carries: ``again``, how many like it were held back since the last, and ``where``."""
    for name in ("again", "where"):
        value = getattr(event.get("_record"), name, None)
        if value:
            event[name] = value
    return event


def _formatter(*, terminal: bool) -> logging.Formatter:
    before: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        with_more,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal, key="time"),
    ]
    told: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if terminal:
        plain = structlog.dev.plain_traceback  # the rich one shows local variables
        told += [structlog.dev.ConsoleRenderer(exception_formatter=plain, timestamp_key="time")]
    else:
        told += [without_words, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=told)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Say that a process or thread ends by an error nobody expected; an interrupted one only ends."""
    if error is not None and not issubclass(kind, KeyboardInterrupt | SystemExit):
        logging.getLogger("liveroom").critical("an error that nobody caught", exc_info=(kind, error, trace))


def _failure(given: Any) -> Failure | None:
    if given is True:
        given = sys.exc_info()
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    return given if isinstance(given, tuple) and given[0] is not None else None


def _types(kind: type[BaseException], error: BaseException) -> list[str]:
    types, cause = [kind.__name__], error.__cause__ or error.__context__
    while cause is not None and len(types) < FRAMES:
        types.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return types


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-FRAMES:]


# What a process tells the person who started it: one line a thing, on standard output, at once.


def say(line: str) -> None:
    """One line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
