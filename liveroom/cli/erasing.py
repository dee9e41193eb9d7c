"""`erase`: takes out of the room what was said and who said it, on request; the events stay."""

import click

from liveroom.cli.context import opened, settings, told
from liveroom.cli.drill_option import drill_option
from liveroom.domain.requests import COMMAND_LINE, Unknown
from liveroom.log.erasure import What
from liveroom.maintenance.erasure import Erasing
from liveroom.media.store import StoreAway
from liveroom.runtime.server.thread_mode import Threads

LATER = "which the running server takes out as soon as it can (or run this again)"


@click.command()
@click.argument("complaint")
@click.option("--reason", default="", help="Why, in at most 200 characters without anybody's name.")
@click.option("--person-only", is_flag=True, help="Only who reported; what was said stays.")
@drill_option
def erase(complaint: str, reason: str, person_only: bool, drill: bool) -> None:
    """Erase texts, person, pictures and search words of COMPLAINT, now and after every restore."""
    with told():
        erasing = Erasing(opened(drill=drill).room, settings(), Threads())
        try:
            erasing.erase((complaint,), What.PERSON if person_only else What.ALL, by=COMMAND_LINE, reason=reason)
        except Unknown as error:
            raise ValueError(f"COMPLAINT: there is no complaint {complaint!r} in this room") from error
        except StoreAway as error:
            raise ValueError(f"{complaint} is erased but for its files, {LATER}: {error}") from error
        finally:
            whole = erasing.scrub()
    click.echo(f"{complaint} is erased" + ("" if whole else "; something was reading: run this again to empty the WAL"))
