"""The `--drill` of every command: before or after the command's name, it aims at the drill room."""

from collections.abc import Callable
from typing import Any

import click


def drill_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--drill`` to a command."""
    return click.option("--drill", is_flag=True, help="Aim at the drill room.", callback=_either)(command)


def _either(context: click.Context, _parameter: click.Parameter, given: bool) -> bool:
    above = context.find_root().obj or {}
    return given or bool(above.get("drill"))
