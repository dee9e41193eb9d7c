"""From which networks people come in: guessing from the rest of the world does not make them wait there.

Kept as keyed hashes, for a season, in no backup: the table says of no person where they live.
"""

import hmac
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from liveroom.domain.timestamps import to_micros
from liveroom.log.engine import Unavailable
from liveroom.log.event_log import Log, database_now
from liveroom.log.schema import known_place, user
from liveroom.log.users import login_of
from liveroom.runtime.server.connections import network_around

KEPT = timedelta(days=90)
MOST = 20
# What one office, household or carrier's exchange has for itself.
IPV4_BITS, IPV6_BITS = 24, 48


def network_of(address: str) -> str | None:
    """The network around an address; None for what is no address."""
    return network_around(address, ipv4_bits=IPV4_BITS, ipv6_bits=IPV6_BITS)


class KnownPlaces:
    """The places of one room's people; ``key`` makes their hashes."""

    def __init__(self, log: Log, key: str) -> None:
        self._log = log
        self._key = key.encode()

    def known(self, name: str, address: str) -> bool:
        """Whether the person of this log-in name came in from this network lately. Raises Unavailable."""
        network = network_of(address)
        if network is None:
            return False

        def look(connection: Connection) -> bool:
            since = to_micros(database_now(connection) - KEPT)
            query = select(known_place.c.place).join(user, user.c.id == known_place.c.user_id)
            query = query.where(user.c.login == login_of(name), known_place.c.seen_at > since)
            # The name is in the hash: rows of two people do not tell that they share an office.
            return bool(connection.execute(query.where(known_place.c.place == self._hash(name, network))).first())

        return self._log.read(look)

    def remember(self, actor: str, address: str) -> None:
        """The person came in from there; places of long ago are forgotten.

        They are in by then: where the database is away, or another process notes the same, it is left undone.
        """
        network = network_of(address)
        if network is None:
            return
        place = self._hash(actor, network)

        def note(connection: Connection) -> None:
            now = database_now(connection)
            mine = known_place.c.user_id == actor
            connection.execute(delete(known_place).where(known_place.c.seen_at <= to_micros(now - KEPT)))
            there = update(known_place).where(mine, known_place.c.place == place).values(seen_at=to_micros(now))
            if not connection.execute(there).rowcount:
                values = {"user_id": actor, "place": place, "seen_at": to_micros(now)}
                with suppress(IntegrityError), connection.begin_nested():
                    connection.execute(insert(known_place).values(**values))
            newest = select(known_place.c.place).where(mine).order_by(known_place.c.seen_at.desc()).limit(MOST)
            kept = connection.execute(newest).scalars().all()
            connection.execute(delete(known_place).where(mine, known_place.c.place.not_in(kept)))

        with suppress(Unavailable):
            self._log.touch(note)

    def _hash(self, name: str, network: str) -> str:
        said = f"known place:{login_of(name)}:{network}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, said, sha256).hex()[:32]
