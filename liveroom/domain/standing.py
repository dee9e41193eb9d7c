"""Whether a command may be given at all: role, agency, state and pause; desks ask the same for their buttons."""

from liveroom.domain.complaint import Complaint, State
from liveroom.domain.names import Name, Role
from liveroom.domain.refusals import Code, Refused
from liveroom.domain.specs import AGENCY, SPECS, Pause


def allowed(complaint: Complaint, role: Role, actor_agency: str | None = None) -> tuple[Name, ...]:
    """The commands that somebody in this role could give now, in the order of ``Name``; fields may still refuse one."""
    return tuple(name for name in Name if refusal(complaint, name, role, actor_agency=actor_agency) is None)


def stranger(complaint: Complaint, name: Name, role: Role, *, actor_agency: str | None) -> Refused | None:
    """Why these people may not, whatever the state; None when they may. Asked first, so a stranger learns no state."""
    if role not in SPECS[name].roles:
        return Refused(Code.ROLE, f"{name} is not for {role}")
    if role in AGENCY and (actor_agency is None or actor_agency not in complaint.agencies):
        return Refused(Code.NOT_YOUR_COMPLAINT, "the complaint is not with your agency")
    return None


def refusal(complaint: Complaint, name: Name, role: Role, *, actor_agency: str | None) -> Refused | None:
    """Why the command is not possible now whatever its fields, or None."""
    if (no := stranger(complaint, name, role, actor_agency=actor_agency)) is not None:
        return no
    spec = SPECS[name]
    if complaint.state not in spec.states:
        return Refused(Code.STATE, f"{name} is not possible while {complaint.state}")
    return _of_pause(complaint, name, spec.pause) or _of_part(complaint, name, actor_agency)


def _of_pause(complaint: Complaint, name: Name, pause: Pause) -> Refused | None:
    match pause:
        case Pause.ANY:
            fits = True
        case Pause.NONE:
            fits = complaint.paused is None
        case Pause.PAUSED:
            fits = complaint.paused is not None
        case Pause.CITIZEN:
            fits = complaint.paused == Pause.CITIZEN
    if fits:
        return None
    return Refused(Code.STATE, f"{name} is not possible while {complaint.paused or 'not'} paused")


def _of_part(complaint: Complaint, name: Name, agency: str | None) -> Refused | None:
    match name:
        case Name.ACCEPT if agency in complaint.accepted_by:
            return Refused(Code.STATE, "your agency has accepted already")
        case Name.START | Name.SUBMIT_PROOF if agency not in complaint.accepted_by:
            return Refused(Code.STATE, "your agency has not accepted yet")
        case Name.EXTEND if complaint.finish is None:
            return Refused(Code.STATE, "there is no deadline to extend")
        case Name.SPLIT if complaint.state is not State.MERGED and not complaint.children:
            return Refused(Code.STATE, "there is nothing to split")
        case _:
            return None
