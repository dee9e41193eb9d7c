"""Which pictures a citizen may see: the own ones, and of a proof what convinced."""

from dataclasses import dataclass

from display.citizens.joined import Followed
from liveroom.detailing import Detail
from liveroom.domain.complaint import State
from liveroom.domain.events import Kind
from liveroom.domain.fields import UPLOAD
from liveroom.log.uploads import Upload, UploadState


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The citizen's own, and of a proof that was validated those that show the work done."""

    own: tuple[Upload, ...]
    proof: tuple[Upload, ...]


def pictures(found: Followed) -> Pictures:
    """Those that the citizen may see: of the proof only what convinced, and only while the matter is done."""
    own = tuple(one for one in found.own.uploads if one.state is UploadState.READY and one.by.startswith("citizen:"))
    return Pictures(own=own, proof=_proof(found.whole))


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
