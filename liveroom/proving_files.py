"""Pictures named in an order must be here, whole, looked into, and belong to the complaint that they are to prove."""

from collections.abc import Sequence

from liveroom.domain.fields import UPLOAD
from liveroom.domain.refusals import Code, Refused
from liveroom.log.connection import Connection
from liveroom.log.uploads import UploadState, upload_of


def refuse_unready(connection: Connection, subject: str, field: str, named: Sequence[str]) -> None:
    """Raises Refused naming the first upload that cannot be used; links to elsewhere pass."""
    for index, name in enumerate(named):
        if not name.startswith(UPLOAD):
            continue
        one = upload_of(connection, name.removeprefix(UPLOAD))
        if one is None or one.subject != subject:
            raise Refused(Code.FIELD, "is no upload for this complaint", f"{field}[{index}]")
        if one.state is not UploadState.READY:
            raise Refused(Code.FIELD, f"is {one.state}: only what is ready proves anything", f"{field}[{index}]")
