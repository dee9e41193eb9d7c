"""Which pictures a citizen may see: the own ones, and of a proof what convinced."""

from dataclasses import dataclass

from display.citizens.joined import Followed
from liveroom.domain.complaints.model import State
from liveroom.domain.events import Kind
from liveroom.domain.fields import UPLOAD
from liveroom.log.uploads import Upload, UploadState
from liveroom.projection.complaints import Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The citizen's own, and of a proof that was validated those that show the work done.

    ``looked_at``: how many of their own are still being looked into, ``refused``: how many are no pictures.
    """

    own: tuple[Upload, ...] = ()
    proof: tuple[Upload, ...] = ()
    looked_at: int = 0
    refused: int = 0


def pictures(found: Followed) -> Pictures:
    """Those that the citizen may see: of the proof only what convinced, and only while the matter is done."""
    own = [one for one in found.own.uploads if one.by.startswith("citizen:")]
    return Pictures(
        own=tuple(one for one in own if one.state is UploadState.READY),
        proof=_proof(found.whole),
        looked_at=sum(one.state in (UploadState.OPEN, UploadState.CHECKING) for one in own),
        refused=sum(one.state is UploadState.REFUSED for one in own),
    )


def _proof(of: Detail) -> tuple[Upload, ...]:
    if of.complaint.state is not State.DONE:
        return ()
    ready = {f"{UPLOAD}{one.id}": one for one in of.uploads if one.state is UploadState.READY}
    named = {str(media["id"]): media["url"] for media in of.papers.media}
    proved: list[object] = []
    shown_: list[object] = []
    for logged in of.history:
        if logged.event.kind is Kind.PROOF_SUBMITTED and logged.event.payload.get("lead", True):
            proved = list(logged.event.payload.get("media") or ())
        elif logged.event.kind is Kind.VALIDATED:
            shown_ = proved
        elif logged.event.kind is Kind.REOPENED:
            proved = shown_ = []
    urls = [named.get(str(id_)) or "" for id_ in shown_]
    return tuple(ready[url] for url in urls if url in ready)
