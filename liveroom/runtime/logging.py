"""Log records on standard error, one line each: JSON for a journal, readable text at a terminal; and `say`.

The text of an exception may quote a complaint or a key, so a journal gets its type and its places and never its text.
The same holds for what libraries print on standard error by themselves (`CapturedStdio`). A record that repeats is
written once in a while, with a count (`RepeatFilter`).
"""

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

_STDERR = 2
_OURS = ("app", "cli", "liveroom", "display", "ingest")
# Libraries that would lower their own level or add their own handler if no level was set before.
_THEIRS = ("engineio.server", "socketio.server", "werkzeug")
_FRAMES = 12
_Failure = tuple[type[BaseException], BaseException, TracebackType | None]


class UnlockedHandler(logging.Handler):
    """Writes each record in one go without a lock, since it may be called from the database's native thread.

    Under eventlet a handler's lock is green. A stress test of 200 calls on the native thread beside three logging
    greenlets hung at once with the standard handler (0 of 200 in 40 s; eventlet issue 432) and lost nothing with this
    one. It writes to a raw file, since eventlet's ``os.write`` waits in the hub and the native thread has none.
    """

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._file = FileIO(fd, "w", closefd=False)

    def createLock(self) -> None:  # noqa: N802 - the standard library's name
        """No lock: one write of one line needs no other order than the kernel's."""
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


def set_up_logging(fd: int = _STDERR) -> None:
    """Write every record of ours from INFO on, of libraries from WARNING on, and uncaught errors to ``fd``."""
    handler = UnlockedHandler(fd)
    handler.addFilter(RepeatFilter())
    handler.setFormatter(_formatter(terminal=os.isatty(fd)))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in _THEIRS:
        logging.getLogger(name).setLevel(logging.WARNING)
    if not os.isatty(fd):
        sys.stderr = CapturedStdio()
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _without_text(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace ``exc_info`` by ``fault`` (types, cause last) and ``where`` (file, line and function, innermost last)."""
    failure = _failure(event.pop("exc_info", None))
    if failure is not None:
        kind, error, trace = failure
        event["fault"] = " from ".join(_types(kind, error))
        event["where"] = _places(trace)
    return event


def _with_extras(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the record's own ``again`` (how many like it were held back since the last), ``where`` and ``facts``."""
    for name in ("again", "where"):
        value = getattr(event.get("_record"), name, None)
        if value:
            event[name] = value
    event.update(getattr(event.get("_record"), "facts", {}))
    return event


def _formatter(*, terminal: bool) -> logging.Formatter:
    before: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _with_extras,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal, key="time"),
    ]
    after: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if terminal:
        plain = structlog.dev.plain_traceback  # the rich one shows local variables
        after += [structlog.dev.ConsoleRenderer(exception_formatter=plain, timestamp_key="time")]
    else:
        after += [_without_text, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=after)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Log that a process or thread ends by an unexpected error; an interrupt is none."""
    if error is not None and not issubclass(kind, KeyboardInterrupt | SystemExit):
        logging.getLogger("liveroom").critical("an error that nobody caught", exc_info=(kind, error, trace))


def _failure(given: Any) -> _Failure | None:
    if given is True:
        given = sys.exc_info()
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    return given if isinstance(given, tuple) and given[0] is not None else None


def _types(kind: type[BaseException], error: BaseException) -> list[str]:
    types, cause = [kind.__name__], error.__cause__ or error.__context__
    while cause is not None and len(types) < _FRAMES:
        types.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return types


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-_FRAMES:]


def say(line: str) -> None:
    """Print a line to the person who started the process: on standard output, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


# Repeated records.

_QUIET_S = 10.0
_KEPT = 200


class RepeatFilter(logging.Filter):
    """Lets a message through the first time and then every 10 s; the record's ``again`` counts those held back.

    A record with an error whose ``once`` is true passes a single time: its cause stays until a person comes. One with
    ``facts`` always passes: the same words tell of something else.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._now = now
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the record."""
        if hasattr(record, "facts"):
            return True
        key, now = (record.name, record.getMessage()), self._now()
        at, held = self._seen.get(key, (None, 0))
        if at is not None and (now - at < _QUIET_S or _once(record)):
            self._seen[key] = (at, held + 1)
            return False
        record.again = held
        self._remember(key, now)
        return True

    def _remember(self, key: tuple[str, str], now: float) -> None:
        if len(self._seen) >= _KEPT:
            self._seen = {}
        self._seen[key] = (now, 0)


def _once(record: logging.LogRecord) -> bool:
    return isinstance(record.args, tuple) and any(getattr(one, "once", False) for one in record.args)


# What libraries print on standard error. Async libraries print the errors of their greenlets themselves.

_LONGEST = 500
_TRACEBACK = "Traceback (most recent call last):"
log = logging.getLogger("liveroom.stderr")


class CapturedStdio(io.TextIOBase):
    """Stands in for ``sys.stderr`` and logs what is printed: whole lines, and of a traceback its places and its type.

    A traceback comes in one piece or in several; its message is always in one.
    """

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
        if _TRACEBACK in text:
            self._places = []
        if self._places is None:
            self._line(text)
        else:
            self._piece(self._places, text)
        return len(text)

    @staticmethod
    def _line(text: str) -> None:
        line = " ".join(text.split())[:_LONGEST]
        if line:
            log.log(logging.ERROR if line.startswith("Error: ") else logging.WARNING, "%s", line)

    def _piece(self, places: list[str], text: str) -> None:
        for line in text.splitlines():
            if line.startswith('  File "'):
                places.append(line.strip())
            elif line and not line.startswith((" ", _TRACEBACK)):
                self._places = None
                kind = line.partition(":")[0][:_LONGEST] or "error"
                log.error("a library printed an error: %s", kind, extra={"where": tuple(places)})
                return
