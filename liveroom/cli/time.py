"""`time`: whether the machine's date is the room's, and believing it when it jumped ahead and is right."""

import click

from liveroom.cli.context import opened, told
from liveroom.cli.drill_option import drill_option
from liveroom.log.machine import BOUND, read_machine
from liveroom.timekeeping import believe, synchronised


@click.group("time")
def time_() -> None:
    """The date of the machine against the time of the room."""


@time_.command("status")
@drill_option
def status(drill: bool) -> None:
    """Say by how much they are apart, and whether NTP keeps this machine's date."""
    with told():
        ahead = opened(drill=drill).room.log.read(read_machine).ahead
    kept = "NTP keeps this machine's date" if synchronised() else "this machine's date is not kept by NTP"
    click.echo(f"{_apart(ahead.total_seconds())}; {kept}")


@time_.command("believe")
@drill_option
def believe_it(drill: bool) -> None:
    """Take the machine's date as it is; whatever is due by then becomes due."""
    with told():
        ahead = believe(opened(drill=drill).room.log)
    click.echo(
        f"the room's time has moved ahead by {ahead.total_seconds():.0f} s" if ahead > BOUND else "nothing to do"
    )


def _apart(seconds: float) -> str:
    if not seconds:
        return "the database's date is the room's"
    return f"the database's date is {seconds:.0f} s ahead and not believed (run.py time believe, if it is right)"
