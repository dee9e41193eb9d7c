"""The entry point. The async mode is patched before anything else is imported: names taken earlier would block."""

import atexit
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

_SERVING = ("web", "clock", "courier", "ingest", "replay")
# Options that take a value.
_WITH_VALUE = ("--speed", "--from", "--history")


def _command_of(words: list[str]) -> str | None:
    """The first word that is no option and no value of one; None if there is none."""
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in _WITH_VALUE:
            skip = True
        elif not word.startswith("-"):
            return word
    return None


def serves(words: list[str]) -> bool:
    """Whether this call serves: it has no command, or one of the serving ones."""
    command = _command_of(words)
    if command is None:
        return not {"--help", "--version"} & set(words)
    return command in _SERVING and "repair" not in words


def main() -> None:
    """Patch, then run the command."""
    # Databases, uploads and keys are private: no other user of this machine may read what we create.
    os.umask(0o077)
    if serves(sys.argv[1:]):
        # For cost: no other call needs the async library, or YAML before it runs.
        from liveroom.runtime.async_mode import early_mode, patch

        patch(early_mode(os.environ))
    from cli.main import cli

    try:
        cli()
    except SystemExit as end:
        if serves(sys.argv[1:]):
            leave(end.code)
        raise


def leave(code: object) -> NoReturn:
    """End a serving process with the exit code of a ``SystemExit``, without taking the interpreter down.

    A native thread may still be at work (the sandbox is tried out beside the start, the database has its own): Python
    aborts at times when it is taken down under one ("remaining subinterpreters").
    """
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in ("liveroom", "ingest", "display"):
            raise
        # The code of a new version was installed without its set-up.
        folder = Path(__file__).resolve().parent
        sys.stderr.write(f"Error: the package {missing.name} is not installed: run make -C {folder} setup\n")
        sys.exit(1)
    except KeyboardInterrupt:
        # Interrupted before anything ran: no fault, so no traceback.
        sys.exit(130)
