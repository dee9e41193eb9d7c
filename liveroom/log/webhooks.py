"""Where sources want to be told what became of their complaints, and the secret that signs it."""

import base64
import secrets
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select

from liveroom.log.event_log import Log
from liveroom.log.schema import source_webhook

_row = source_webhook.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address and its signing secret (standardwebhooks, ``whsec_`` and base64)."""

    url: str
    secret: str = field(repr=False)


def hooked_sources(connection: Connection) -> frozenset[str]:
    """The sources that want to be told."""
    return frozenset(connection.execute(select(_row.source)).scalars())


def webhook_of(connection: Connection, source: str) -> Webhook | None:
    """Where a source is told; None when it does not want to be."""
    row = connection.execute(select(source_webhook).where(_row.source == source)).one_or_none()
    return None if row is None else Webhook(url=row.url, secret=row.secret)


def tell_source(log: Log, source: str, url: str) -> str:
    """Tell a source at ``url`` from now on; returns the signing secret, drawn anew and shown once."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()

    def write(connection: Connection) -> None:
        connection.execute(delete(source_webhook).where(_row.source == source))
        connection.execute(insert(source_webhook).values(source=source, url=url, secret=secret))

    log.touch(write)
    return secret


def tell_no_more(connection: Connection, source: str) -> None:
    """Tell a source nothing any more, under no secret; what was on its way ends as told to nobody."""
    connection.execute(delete(source_webhook).where(_row.source == source))
