"""The command line. The async mode is patched in before anything else is imported: names taken earlier would block."""

import os
import sys
from pathlib import Path

SERVING = ("web", "clock", "courier", "replay")
# Options that take a value.
WITH_VALUE = ("--speed", "--from")


def command_of(words: list[str]) -> str | None:
    """The first word that is neither an option nor an option's value; None if there is none."""
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in WITH_VALUE:
            skip = True
        elif not word.startswith("-"):
            return word
    return None


def serves(words: list[str]) -> bool:
    """Whether this call serves: with no command at all, or one of the serving ones."""
    command = command_of(words)
    if command is None:
        return not {"--help", "--version"} & set(words)
    return command in SERVING and "repair" not in words


def main() -> None:
    """Patch, then hand over to the commands."""
    # Databases, uploads and keys hold what is nobody else's: what we create, nobody else on this machine reads.
    os.umask(0o077)
    if serves(sys.argv[1:]):
        # For cost: no other call needs the async library, or YAML before it runs.
        from liveroom.runtime.async_mode import early_mode, patch

        patch(early_mode(os.environ))
    from cli.main import cli

    cli()


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in ("liveroom", "ingest", "display"):
            raise
        # After a new version's code without its set-up.
        folder = Path(__file__).resolve().parent
        sys.stderr.write(f"Error: the package {missing.name} is not installed: run make -C {folder} setup\n")
        sys.exit(1)
    except KeyboardInterrupt:
        # Interrupted before anything ran: a person's decision, no fault to be traced.
        sys.exit(130)
