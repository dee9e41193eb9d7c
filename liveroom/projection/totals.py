"""The numbers that add up: what one complaint contributes to each total."""

from collections import Counter

from liveroom.domain.complaints.model import Complaint, Status


def contributions(complaint: Complaint | None) -> Counter[str]:
    """Total keys and the amount this complaint adds to each.

    Cohort = complaints received on a day by status; stock = everything open of any day; flow = done on a day
    (control-room rules CR-75 and CR-77). A reopened complaint leaves flow and is not counted in again.
    """
    counts: Counter[str] = Counter()
    if complaint is None:
        return counts
    counts[f"cohort:{complaint.day}:in"] = 1
    counts[f"cohort:{complaint.day}:{complaint.status}"] = 1
    if complaint.open:
        counts["stock:open"] = 1
        counts["stock:overdue"] = int(complaint.overdue)
    if complaint.status is Status.DONE:
        counts[f"flow:{complaint.closed_day}:done"] = 1
    return counts


def difference(old: Complaint | None, new: Complaint | None) -> Counter[str]:
    """How the totals change when ``old`` becomes ``new``; keys that do not change are absent."""
    change = contributions(new)
    change.subtract(contributions(old))
    return Counter({key: value for key, value in change.items() if value})


def wire_counts(values: dict[str, int], today: str) -> dict[str, object]:
    """``counts`` of the feed for the city's ``today`` (ISO date)."""
    cohort = {part: values.get(f"cohort:{today}:{part}", 0) for part in ("in", *(s.value for s in Status))}
    stock = {part: values.get(f"stock:{part}", 0) for part in ("open", "overdue")}
    return {"day": today, "cohort": cohort, "stock": stock, "flow": {"done": values.get(f"flow:{today}:done", 0)}}


def wire_keys(today: str) -> tuple[str, ...]:
    """The total keys that ``wire_counts`` needs."""
    cohort = tuple(f"cohort:{today}:{part}" for part in ("in", *(s.value for s in Status)))
    return (*cohort, "stock:open", "stock:overdue", f"flow:{today}:done")
