"""Pictures named in an order must be here, whole, looked into, and belong to the complaint that they are of."""

from collections.abc import Mapping, Sequence
from typing import Any

from liveroom.domain.complaints.proof import PROOF, REPORT
from liveroom.domain.fields import UPLOAD
from liveroom.domain.requests import Code, Refused
from liveroom.log.engine import Connection
from liveroom.log.texts import papers_of
from liveroom.log.uploads import UploadState, upload_of, uploads_of


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


def shown_files(connection: Connection, subject: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """The uploads behind ``before`` and ``after``: ids of the complaint's media, or of its uploads.

    Without any named, the first photo of what was reported and the last that proves. Raises Refused naming the field
    that is no photo kept here: a link to elsewhere is nothing a wall could show.
    """
    if "after" not in fields and "before" not in fields:
        return _first_and_last(connection, subject)
    urls = {str(one["id"]): str(one["url"]) for one in papers_of(connection, subject, people=False).media}
    found = {}
    for field in ("before", "after"):
        if field in fields:
            name = urls.get(fields[field], UPLOAD + fields[field])
            if not name.startswith(UPLOAD):
                raise Refused(Code.FIELD, "is a link to elsewhere", field)
            found[field] = name.removeprefix(UPLOAD)
            _refuse_unshowable(connection, subject, field, found[field])
    return found


def _refuse_unshowable(connection: Connection, subject: str, field: str, upload: str) -> None:
    one = upload_of(connection, upload)
    if one is None or one.subject != subject or one.state is not UploadState.READY or one.facts is None:
        raise Refused(Code.FIELD, "is no picture of this complaint that is ready", field)
    if one.facts.form.moving:
        raise Refused(Code.FIELD, "is a film: guests are shown photos", field)


def _first_and_last(connection: Connection, subject: str) -> dict[str, str]:
    photos = [one for one in uploads_of(connection, subject) if one.facts is not None and not one.facts.form.moving]
    ready = [one for one in photos if one.state is UploadState.READY]
    before, after = ([one.id for one in ready if one.kind == kind] for kind in (REPORT, PROOF))
    if not after:
        raise Refused(Code.FIELD, "there is no photo that proves", "after")
    return {"after": after[-1], **({"before": before[0]} if before else {})}
