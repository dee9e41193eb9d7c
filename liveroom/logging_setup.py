"""Where log records go: one line each on standard error, JSON for a journal, readable for a person at a terminal.

What an exception says may quote a complaint or a key, so a journal gets its type and place and never its text.
"""

import logging
import os
import sys
import threading
from io import FileIO
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from liveroom.logging_overheard import Overheard
from liveroom.logging_repeats import Repeats

STDERR = 2
OURS = ("liveroom", "display", "ingest")
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
    handler.addFilter(Repeats())
    handler.setFormatter(_formatter(terminal=os.isatty(fd)))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in THEIRS:
        logging.getLogger(name).setLevel(logging.WARNING)
    if not os.isatty(fd):
        sys.stderr = Overheard()
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
