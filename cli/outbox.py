"""`outbox`: how many deliveries wait, and their release after a restore.

A file of its own, since `run.py outbox status` needs none of the libraries of the other commands on data.
"""

import click

from cli.context import drill_option, handle_errors, opened
from liveroom.domain.requests import COMMAND_LINE
from liveroom.log import outbox as outbox_rows
from liveroom.log.event_log import read_head
from liveroom.room.commands.outbox import release


@click.group()
def outbox() -> None:
    """What has to reach agencies, offices and sources."""


@outbox.command("status")
@drill_option
def status(drill: bool) -> None:
    """How many deliveries wait, and whether they are held."""
    with handle_errors():
        log = opened(drill=drill).room.log
        waiting, held = log.read(lambda c: (outbox_rows.waiting(c), outbox_rows.held_since(c, read_head(c).epoch)))
    click.echo(f"{waiting} wait" + (f", held since {held:%Y-%m-%d %H:%M} UTC: release them" if held else ""))


@outbox.command("release")
@drill_option
def release_all(drill: bool) -> None:
    """Let leave what a restore holds: what was sent after the backup is sent again, under the same keys."""
    with handle_errors():
        room = opened(drill=drill).room
        waiting = room.log.read(outbox_rows.waiting)
        was_held = room.unit(lambda work: release(work, actor=COMMAND_LINE))
    click.echo(f"{waiting} deliveries leave now" if was_held else "nothing was held")
