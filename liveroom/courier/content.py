"""Content of a delivery: everything its letter or body may say, and names of a complaint's codes in the city's words.

It is read when the delivery is sent: the complaint as it is now, without anything that was erased.
Times are shown in the city's zone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from liveroom.accounts.links import Contact, contact_of
from liveroom.accounts.sources import StatusAddress, Webhook, status_address_of, webhook_of
from liveroom.city.city import City
from liveroom.courier.http import line_of
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Event, Kind, LoggedEvent
from liveroom.domain.notifications import OF_CITIZENS, RecipientKind
from liveroom.domain.timestamps import read
from liveroom.log import texts as text_rows
from liveroom.log.engine import Connection
from liveroom.log.event_log import event_at, room_now
from liveroom.log.outbox import Delivery
from liveroom.projection import complaints
from liveroom.projection.alarms import alarms_of
from liveroom.runtime.language import text, written_moment

# The receiver of a citizen's link, in the place of an agency's key.
CITIZENS = "@citizen"
# The receiver's signed link: (agency or CITIZENS, complaint, room time) -> address; None without one.
Link = Callable[[str, str, datetime], str | None]
# The field of an event's payload whose words are meant for the receiver; every other reason stays in the room.
WORDS_FOR_RECEIVER: Mapping[Kind, str] = {
    Kind.REPLIED: "text",
    Kind.ASKED: "text",
    Kind.SENT_BACK: "reason",
    Kind.COMMENTED: "text",  # a question, for other notes are sent to nobody
    Kind.REOPENED: "reason",
}
# Events whose words go to the citizen and to the source that sent the complaint.
SAID_TO_CITIZENS = frozenset({Kind.REPLIED, Kind.ASKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file that goes with a letter."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A delivery and all that its letter or body may say. ``now`` is room time.

    ``texts`` by field (address, description); ``pictures``: addresses; ``said``: the words of the event that are meant
    for the receiver. ``email`` and ``phone`` (a ``phone_key``) are a citizen's, None once the person was erased.
    ``also``: the other complaints of the same letter (a digest). ``file``: what goes with the letter, a report's PDF.
    """

    delivery: Delivery
    event: LoggedEvent
    now: datetime
    complaint: Complaint | None = None
    alarm: Alarm | None = None
    texts: Mapping[str, str]
    pictures: tuple[str, ...] = ()
    said: str | None = None
    link: str | None = None
    webhook: Webhook | None = None
    status_to: StatusAddress | None = None
    email: str | None = None
    phone: str | None = None
    also: tuple["Content", ...] = ()
    file: AttachedFile | None = None

    @property
    def joined(self) -> bool:
        """Whether the event belongs to another complaint, into which the citizen's own was merged."""
        return self.delivery.recipient_kind in OF_CITIZENS and self.event.event.id != self.delivery.subject

    @property
    def number(self) -> str:
        """The complaint's number as people know it; empty for an alarm of no complaint."""
        return "" if self.complaint is None else self.complaint.source_id


def content_of(connection: Connection, parcel: Sequence[Delivery], link: Link) -> Content | None:
    """The content of one letter about these deliveries to one receiver; None when an event is not in this log."""
    found = [content for delivery in parcel if (content := _content(connection, delivery, link)) is not None]
    return replace(found[0], also=tuple(found[1:])) if len(found) == len(parcel) else None


def _content(connection: Connection, delivery: Delivery, link: Link) -> Content | None:
    event, now = event_at(connection, delivery.seq), room_now(connection)
    if event is None:
        return None
    alarm = next(iter(alarms_of(connection, (delivery.subject,))), None)
    about = (alarm.complaint if alarm is not None else delivery.subject) or ""
    complaint = next(iter(complaints.complaints(connection, (about,))), None)
    citizen = delivery.recipient_kind in OF_CITIZENS
    of_source = delivery.recipient_kind == RecipientKind.SOURCE
    link_for = CITIZENS if citizen else delivery.key if delivery.recipient_kind == RecipientKind.AGENCY else None
    contact = contact_of(connection, about) if citizen else Contact()
    words = event.event.fields.get(WORDS_FOR_RECEIVER.get(event.event.kind, ""))
    return Content(
        delivery=delivery,
        event=event,
        now=now,
        complaint=complaint,
        alarm=alarm,
        texts=text_rows.current_texts(connection, about),
        pictures=text_rows.current_links(connection, about),
        said=text_rows.current_text(connection, words) if isinstance(words, str) else None,
        link=link(link_for, about, now) if link_for is not None and complaint is not None else None,
        webhook=webhook_of(connection, delivery.key) if of_source else None,
        status_to=status_address_of(connection, delivery.key) if of_source else None,
        email=contact.email,
        phone=contact.phone,
    )


# Codes of a complaint as people read them.


def category_in(city: City, key: str, language: str) -> str:
    """The name of a category; the source's own word where the city has no such category."""
    category = city.categories.get(key)
    return line_of(key) if category is None else category.label_in(language)


def class_in(city: City, key: str, language: str) -> str:
    """The name of a class."""
    class_ = city.classes.get(key)
    return key if class_ is None else class_.label_in(language)


def place_in(city: City, complaint: Complaint) -> str:
    """Area and district; empty when the area is not known."""
    area = city.areas.get(complaint.area or "")
    if area is None:
        return ""
    district = city.districts.get(area.district)
    return area.name if district is None else f"{area.name}, {district.name}"


def moment_in(city: City, moment: datetime, language: str) -> str:
    """``Kamis 26 Nov 2026 16.00 WIB``."""
    return f"{written_moment(moment.astimezone(city.zone), language)} {city.zone_label}"


def step_in(city: City, event: Event, language: str, *, own: bool) -> str:
    """What happened, in the words of the citizen's own page; ``own``: also which agency has it, and until when."""
    key, until = str(event.fields.get("agency") or event.fields.get("outside") or ""), event.fields.get("until")
    agency = (city.agencies.get(key) or city.outside.get(key)) if own else None
    who = text("status.some_agency", language) if agency is None else agency.name_in(language)
    end = moment_in(city, read(until), language) if own and isinstance(until, str) else ""
    return text(f"status.step.{event.kind.value.partition('.')[2]}", language, who=who, until=end, score="")


def due_in(city: City, complaint: Complaint, language: str) -> str:
    """The earliest running deadline; empty when none runs."""
    first = complaint.first_due
    return "" if first is None else moment_in(city, first[1].due, language)
