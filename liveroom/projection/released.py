"""The pictures that guests may see, newest first: notices that no screen is sent unasked."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from liveroom.domain.complaints.model import Complaint, Status
from liveroom.log import event_log, schema
from liveroom.log.uploads import UploadState, upload_of
from liveroom.projection import read
from liveroom.projection.notices import RELEASED, id_of_one, notice

MOST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """``before`` (None without one) and ``after`` are ids of uploads whose content is still kept."""

    complaint: Complaint
    before: str | None
    after: str


def released(connection: Connection) -> tuple[Shown, ...]:
    """Up to six complaints that are done, with the pictures a supervisor released."""
    body, table = schema.notice.c.body, schema.notice.c
    query = select(body).where(table.id.startswith(RELEASED + ":")).order_by(table.seq.desc()).limit(MOST)
    lines = [event_log.decode_payload(one) for one in connection.execute(query).scalars()]
    found = {one.id: one for one in read.complaints(connection, [line["id"].partition(":")[2] for line in lines])}
    shown = []
    for line in lines:
        complaint, after = found.get(line["id"].partition(":")[2]), _kept(connection, line["after"])
        if complaint is not None and complaint.status is Status.DONE and after is not None:
            shown.append(Shown(complaint=complaint, before=_kept(connection, line.get("before")), after=after))
    return tuple(shown)


def is_released(connection: Connection, subject: str, upload: str) -> bool:
    """Whether guests may see this picture of this complaint."""
    done = next(iter(read.complaints(connection, (subject,))), None)
    return names_picture(connection, subject, upload) and done is not None and done.status is Status.DONE


def names_picture(connection: Connection, subject: str, upload: str) -> bool:
    """Whether a supervisor released this picture, though perhaps nothing is done yet."""
    line = notice(connection, id_of_one(RELEASED, subject))
    return line is not None and upload in (line["after"], line.get("before"))


def _kept(connection: Connection, id_: str | None) -> str | None:
    one = None if id_ is None else upload_of(connection, id_)
    return id_ if one is not None and one.state is UploadState.READY else None
