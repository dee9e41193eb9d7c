"""A real room on SQLite for tests of the doors in: schema, head, log and city as the product wires them."""

from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import select

from liveroom.city.city import City
from liveroom.city.pack import load_city
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.timestamps import to_micros
from liveroom.log import event_log, schema
from liveroom.log.engine import open_engine
from liveroom.log.event_log import EventLog, create_head
from liveroom.log.event_log import set_time as turn
from liveroom.projection import VERSION
from liveroom.room.room import Room
from liveroom.runtime.server.thread_mode import ThreadRuntime
from liveroom.runtime.time import RoomTime, system_now
from tests.rooms.packs import findings

CITIES = Path(__file__).parents[2] / "cities"


@cache
def city(key: str) -> City:
    return load_city(CITIES / key, years=(2024, 2028), cache=findings())


def open_room(
    database: Path, *, kind: str = "test", at: datetime | None = None, key: str = "tangerang", rate: int = 0
) -> Room:
    """The room in ``database``, made at room time ``at`` (now if absent) when there is none yet."""
    made = database.exists()
    engine = open_engine(f"sqlite:///{database}", synced=False)
    if not made:
        schema.metadata.create_all(engine)
        now = system_now()
        time = RoomTime(real_base=to_micros(now), room_base=to_micros(at or now), rate=rate)
        with engine.connect().execution_options(write=True) as connection, connection.begin():
            create_head(connection, kind=kind, city=key, time=time, projection=VERSION)
    return Room(EventLog(engine, ThreadRuntime(), lambda _: None), city(key), kind)


def set_time(room: Room, at: datetime) -> None:
    """Turn the room's hands to ``at``, where they stand."""
    time = RoomTime(real_base=to_micros(system_now()), room_base=to_micros(at), rate=0)
    room.log.touch(lambda connection: turn(connection, time))


def complaints(room: Room) -> tuple[Complaint, ...]:
    """Every complaint of the room, oldest first."""
    query = select(schema.complaint.c.body).order_by(schema.complaint.c.id)
    return tuple(event_log.decode_complaint(body) for body in room.log.read(lambda c: c.execute(query).scalars().all()))
