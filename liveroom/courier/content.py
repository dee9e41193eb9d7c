"""What a delivery tells, in the city's words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from liveroom.accounts.links import Contact, contact_of
from liveroom.accounts.sources import Webhook, webhook_of
from liveroom.city.city import City
from liveroom.courier.http import line_of
from liveroom.domain.alarms.model import Alarm
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.events import Kind, Logged
from liveroom.domain.notifications import OF_CITIZENS, RecipientKind
from liveroom.log import texts as text_rows
from liveroom.log.engine import Connection
from liveroom.log.event_log import event_at, room_now
from liveroom.log.outbox import Delivery
from liveroom.projection import complaints
from liveroom.projection.alarms import alarms_of

# What a delivery tells, read when it is sent: the complaint as it is now, without anything that was erased.

# The receiver's signed link: (agency or CITIZENS, complaint, room time) -> address; None without one.
CITIZENS = "@citizen"
Link = Callable[[str, str, datetime], str | None]


def no_link(_agency: str, _complaint: str, _now: datetime) -> None:
    """Where agencies have no signed links."""


# Words that were meant for the receiver; every other reason stays among ourselves.
SAID: Mapping[Kind, str] = {
    Kind.REPLIED: "text",
    Kind.ASKED: "text",
    Kind.SENT_BACK: "reason",
    Kind.COMMENTED: "text",  # a question, for other notes are sent to nobody
    Kind.REOPENED: "reason",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A delivery and all that its body may say; ``said`` are the words of its event, ``now`` is room time.

    ``email`` and ``phone`` (a ``phone_key``) are a citizen's, None once the person was erased;
    ``also``: what the same letter tells of besides.
    """

    delivery: Delivery
    event: Logged
    now: datetime
    complaint: Complaint | None = None
    alarm: Alarm | None = None
    texts: Mapping[str, str]
    pictures: tuple[str, ...] = ()
    said: str | None = None
    link: str | None = None
    webhook: Webhook | None = None
    email: str | None = None
    phone: str | None = None
    also: tuple["Content", ...] = ()

    @property
    def joined(self) -> bool:
        """Whether it happened to another complaint, into which this one was merged."""
        return self.delivery.whom in OF_CITIZENS and self.event.event.id != self.delivery.subject

    @property
    def number(self) -> str:
        """By which people call the complaint; empty for an alarm of none."""
        return "" if self.complaint is None else self.complaint.source_id


def content_of(connection: Connection, parcel: Sequence[Delivery], link: Link) -> Content | None:
    """What one letter tells of these deliveries to one receiver; None when an event is gone, which no log allows."""
    each = [_content(connection, delivery, link) for delivery in parcel]
    told = tuple(one for one in each if one is not None)
    return replace(told[0], also=told[1:]) if len(told) == len(each) else None


def _content(connection: Connection, delivery: Delivery, link: Link) -> Content | None:
    event, now = event_at(connection, delivery.seq), room_now(connection)
    if event is None:
        return None
    alarm = next(iter(alarms_of(connection, (delivery.subject,))), None)
    about = (alarm.complaint if alarm is not None else delivery.subject) or ""
    complaint = next(iter(complaints.complaints(connection, (about,))), None)
    citizen = delivery.whom in OF_CITIZENS
    linked = CITIZENS if citizen else delivery.key if delivery.whom == RecipientKind.AGENCY else None
    contact = contact_of(connection, about) if citizen else Contact()
    text = event.event.payload.get(SAID.get(event.event.kind, ""))
    return Content(
        delivery=delivery,
        event=event,
        now=now,
        complaint=complaint,
        alarm=alarm,
        texts=text_rows.current_texts(connection, about),
        pictures=text_rows.current_links(connection, about),
        said=text_rows.current_text(connection, text) if isinstance(text, str) else None,
        link=link(linked, about, now) if linked is not None and complaint is not None else None,
        webhook=webhook_of(connection, delivery.key) if delivery.whom == RecipientKind.SOURCE else None,
        email=contact.email,
        phone=contact.phone,
    )


# A complaint's codes in the city's words, for people who read a letter.

DAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = {
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


def category_in(city: City, key: str, language: str) -> str:
    """The name of a category; one that nobody knows keeps the source's own word."""
    category = city.categories.get(key)
    if category is None:
        return line_of(key)
    return category.label_en or category.label if language == "en" else category.label


def class_in(city: City, key: str, language: str) -> str:
    """The name of a class."""
    class_ = city.classes.get(key)
    if class_ is None:
        return key
    return class_.label_en or class_.label if language == "en" else class_.label


def place_in(city: City, complaint: Complaint) -> str:
    """Area and district, or nothing."""
    area = city.areas.get(complaint.area or "")
    if area is None:
        return ""
    district = city.districts.get(area.district)
    return area.name if district is None else f"{area.name}, {district.name}"


def moment_in(city: City, moment: datetime, language: str) -> str:
    """``Kamis 26 Nov 2026 16.00 WIB``."""
    here = moment.astimezone(city.zone)
    day, month = DAYS[language][here.weekday()], MONTHS[language][here.month - 1]
    clock = f"{here:%H:%M}" if language == "en" else f"{here:%H.%M}"
    return f"{day} {here.day} {month} {here.year} {clock} {city.zone_label}"


def day_in(day: date, language: str) -> str:
    """``26 Nov 2026``."""
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"


def due_in(city: City, complaint: Complaint, language: str) -> str:
    """The earliest end of a running promise; nothing where none runs."""
    first = complaint.first_due
    return "" if first is None else moment_in(city, first[1].due, language)


def languages_of(city: City) -> tuple[str, ...]:
    """Those of the city's languages that letters are written in, its own first."""
    return tuple(language for language in city.languages if language in DAYS) or ("en",)
