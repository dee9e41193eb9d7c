"""What the citizens' pages share: form fields and their bounds, spam limits, rendering and headers.

Their answers carry a narrow content security policy, set no cookie, are cached by nobody unless a page says otherwise,
and are not indexed.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from flask import Response, make_response, render_template, request
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute

from display.auth.security import policy_of
from display.auth.throttle import Counters, origin
from display.auth.visitor import Visitors
from display.pages.assets import Assets
from display.pages.page import language_of
from liveroom.accounts.links import Tickets
from liveroom.city.city import City
from liveroom.domain.complaints.intake import ADDRESS, DESCRIPTION, Report, report_of
from liveroom.domain.phones import is_given_out, phone_key
from liveroom.domain.requests import Malformed
from liveroom.media.uploads import UploadPipeline
from liveroom.room.commands.citizens import CitizenCommands
from liveroom.room.room import Room
from liveroom.runtime.config import FormSettings, PublicSettings
from liveroom.runtime.time import monotonic, system_now

STATIC = Path(__file__).resolve().parents[2] / "static"
# Seconds after which a client comes back to a room that does not answer.
AGAIN_S = 10

# Bytes of a form, characters of its fields, pictures with it.
LARGEST_FORM = 64 * 1024
MIN_DESCRIPTION = 5
MAX_PHONE = 32
MAX_FILES = 3
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,4}")
FILE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A honeypot: a field that no person sees.
TRAP = "website"
# What is wrong with a point is said at the form's field for the place.
FORM_FIELDS = {"lat": "area", "lon": "area"}

# Limits of forms count within so many minutes, all others within an hour.
MINUTES = 15
# Reports of one telephone number or e-mail address, and actions by one private link.
OF_CONTACT, OF_LINK = 5, 20
# Pictures an hour: of a solved ticket, which may bring three; of an address for each form it may send; without one.
OF_TICKET, FILES_OF_FORM, PLAIN_FILES = 10, 3, 30
# Questions in which area a point is, for each form that an address may send in a quarter of an hour: who moves the pin
# asks again.
PLACES_OF_FORM = 2
# Attempts with one solved form: offers, corrections and resends take some, and each reads the database.
TRIES = 20
# How long and for how many addresses the effort last asked is remembered.
EFFORT_KEPT_S, EFFORTS_KEPT = 60, 4096
ALL = "all"


# The form.


def form_fields() -> Mapping[str, str]:
    """The fields of the posted form, stripped. Raises RequestEntityTooLarge above 64 KiB."""
    request.max_content_length = request.max_form_memory_size = LARGEST_FORM
    return {key: value.strip() for key, value in request.form.items()}


def wants_json() -> bool:
    """Whether the page's script asks, which wants JSON, and not a browser that shows the answer."""
    return request.accept_mimetypes.best == "application/json"


def report_from(fields: Mapping[str, str], city: City, kind: str, *, by_phone: bool) -> Report:
    """The report of a form; ``by_phone``: whether messages are sent to telephone numbers.

    Raises Malformed with the form's field, followed by ``.long`` for a text that is too long and ``.odd`` for one that
    the intake does not take.
    """
    if fields.get("category") not in city.categories:
        raise Malformed("category", "is not chosen")
    if len(fields.get("address", "")) > ADDRESS:
        raise Malformed("address.long", f"may have at most {ADDRESS} characters")
    said: dict[str, object] = {"source_id": "-", "category": fields["category"]}
    said |= {"description": _description(fields, city), "address": fields.get("address", "")}
    if fields.get("area"):
        if fields["area"] not in city.areas:
            raise Malformed("area", "is no area of the city")
        said["area"] = fields["area"]
    if fields.get("lat") or fields.get("lon"):
        said |= {"lat": _number(fields, "lat"), "lon": _number(fields, "lon")}
    if "area" not in said and "lat" not in said and not said["address"]:
        raise Malformed("area", "say where it is")
    said["person"] = _person(fields, city, by_phone=by_phone)
    try:
        return report_of(said, system_now(), kind)
    except Malformed as no:
        raise Malformed(FORM_FIELDS.get(no.field, f"{no.field}.odd"), no.message) from no


def files_from(fields: Mapping[str, str]) -> tuple[str, ...]:
    """The ids of the uploaded pictures that go with the report."""
    return tuple(one for one in fields.get("files", "").split(",")[:MAX_FILES] if FILE.fullmatch(one))


def _description(fields: Mapping[str, str], city: City) -> str:
    text = fields.get("description", "").replace("\r\n", "\n")
    if len(text) > DESCRIPTION:
        raise Malformed("description.long", f"may have at most {DESCRIPTION} characters")
    if fields.get("alike") and not text:
        return city.categories[fields["category"]].label
    if len(text) < MIN_DESCRIPTION:
        raise Malformed("description", "says too little")
    return text


def _number(fields: Mapping[str, str], name: str) -> float:
    try:
        return float(fields.get(name, ""))
    except ValueError as error:
        raise Malformed("area", "is no place") from error


def _person(fields: Mapping[str, str], city: City, *, by_phone: bool) -> dict[str, str] | None:
    phone, email = fields.get("phone", ""), fields.get("email", "")
    key = phone_key(phone, city.region) if len(phone) <= MAX_PHONE else None
    if phone and (key is None or (by_phone and not is_given_out(key))):
        raise Malformed("phone", "is no telephone number")
    if email and not EMAIL.fullmatch(email):
        raise Malformed("email", "is no e-mail address")
    return {"phone": phone, "email": email} if phone or email else None


# Spam limits.


class SpamLimits:
    """Keeps machines off the citizens' pages without shutting out a crowd. Methods return seconds to wait, 0 for none.

    Thousands of people are behind one address of a telephone network, and in a flood they all write. So a form with a
    solved puzzle (`display/citizens/report.py`) has one limit far above what a crowd sends, and asks for more puzzles
    where many forms come from. A form without one, from a browser that runs no script, is counted strictly: by its
    address, and with all others of its kind. Counts are kept under keyed hashes and only for as long as they count.

    ``room`` separates the counts of rooms that share a Redis; ``key`` is that of the hashes.
    """

    def __init__(self, counters: Counters, room: str, key: str, forms: FormSettings) -> None:
        self._counters, self._key, self._forms = counters, key.encode(), forms
        self._space = f"liveroom:{room}:lapor"
        self._solved = self._quarter(forms.solved)
        self._crowd = self._quarter(forms.crowd_in_all * 2**forms.doublings)
        self._plain, self._plain_in_all = self._quarter(forms.plain), self._quarter(forms.plain_in_all)
        self._once, self._tries = self._quarter(1), self._quarter(TRIES)
        self._contact, self._link = self._hour(OF_CONTACT), self._hour(OF_LINK)
        self._files_of_ticket, self._plain_files = self._hour(OF_TICKET), self._hour(PLAIN_FILES)
        self._files = self._hour(FILES_OF_FORM * forms.solved)
        self._places = self._quarter(PLACES_OF_FORM * forms.solved)
        self._efforts: dict[str, tuple[int, float]] = {}

    def effort(self, address: str) -> int:
        """How many puzzles a form from this address must bring now; doubled, and again, where a crowd writes."""
        place, forms = self._hash(origin(address)), self._forms
        here = self._counters.count_of(self._solved, "solved", place) // forms.crowd
        everywhere = self._counters.count_of(self._crowd, "crowd", ALL) // forms.crowd_in_all
        if len(self._efforts) >= EFFORTS_KEPT:
            self._efforts.clear()
        for whose, crowds in ((place, max(here, everywhere)), (ALL, everywhere)):
            self._efforts[whose] = min(forms.effort_most, forms.effort << crowds.bit_length()), monotonic()
        return self._efforts[place][0]

    def suggested_effort(self, address: str) -> int:
        """The effort for a page that is opened at this address, as far as this process knows; counts nothing."""
        known = (self._efforts.get(whose, (0, 0.0)) for whose in (self._hash(origin(address)), ALL))
        return max((self._forms.effort, *(effort for effort, when in known if monotonic() - when < EFFORT_KEPT_S)))

    def of_solved(self, address: str, ticket: str) -> int:
        """Count a form with solved puzzles: once a ticket, so that one ticket cannot use up the limit of a crowd."""
        hashed = self._hash(ticket)
        if not self._counters.wait_s(self._once, "ticket", hashed, count=False):
            if wait := self._counters.wait_s(self._solved, "solved", self._hash(origin(address))):
                return wait
            self._counters.note(self._once, "ticket", hashed)
            self._counters.note(self._crowd, "crowd", ALL)
        return self._counters.wait_s(self._tries, "tries", hashed)

    def of_plain(self, address: str) -> int:
        """Count a form without a solved puzzle."""
        if wait := self._counters.wait_s(self._plain_in_all, "plain-in-all", ALL, count=False):
            return wait
        if wait := self._counters.wait_s(self._plain, "plain", self._hash(origin(address))):
            return wait
        self._counters.note(self._plain_in_all, "plain-in-all", ALL)
        return 0

    def of_contact(self, contact: str) -> int:
        """Count a report by its telephone number or e-mail address."""
        return self._counters.wait_s(self._contact, "contact", self._hash(contact.casefold()))

    def of_link(self, token: str) -> int:
        """Count an action by a private link."""
        return self._counters.wait_s(self._link, "link", self._hash(token))

    def of_place(self, address: str) -> int:
        """Count a question in which area a point is; far above what a crowd behind one address asks."""
        return self._counters.wait_s(self._places, "places", self._hash(origin(address)))

    def of_files(self, address: str, ticket: str | None) -> int:
        """Count the start of an upload; ``ticket``: one whose puzzles are solved, else None."""
        place = self._hash(origin(address))
        if ticket is None:
            return self._counters.wait_s(self._plain_files, "files", place)
        wait = self._counters.wait_s(self._files_of_ticket, "files-of-ticket", self._hash(ticket))
        return wait or self._counters.wait_s(self._files, "files-solved", place)

    def _quarter(self, most: int) -> RateLimitItem:
        return RateLimitItemPerMinute(most, MINUTES, namespace=self._space)

    def _hour(self, most: int) -> RateLimitItem:
        return RateLimitItemPerHour(most, namespace=self._space)

    def _hash(self, text: str) -> str:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), sha256).hex()[:32]


# Pages and headers.


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenSite:
    """What all citizens' pages of a room need; ``public``: the settings, which also say whether reports are taken."""

    room: Room
    citizens: CitizenCommands
    tickets: Tickets
    uploading: UploadPipeline
    visitors: Visitors
    spam: SpamLimits
    build: str
    public: PublicSettings
    assets: Assets

    @property
    def by_mail(self) -> bool:
        """Whether messages are sent to e-mail addresses."""
        return self.room.routes.citizen(email=True, phone=False) is not None

    @property
    def by_phone(self) -> bool:
        """Whether messages are sent to a telephone number when there is no e-mail address."""
        return self.room.routes.citizen(email=False, phone=True) is not None


def content_policy(pictures: str | None = None) -> str:
    """The content security policy; ``pictures``: a further origin whose images may be shown."""
    return policy_of("'self'", "'self'", ("blob:", pictures))


def render(site: CitizenSite, template: str, context: Mapping[str, object], status: int = 200) -> Response:
    """A page in the language of the request, not cached."""
    city = site.room.city
    common = {"city": city, "lang": language_of(city), "drill": site.room.kind == "drill", "build": site.build}
    common |= {"emergency": site.public.emergency, "public_map": site.public.map}
    common["open_data"] = site.public.open_data and site.room.kind != "drill"
    common |= {"by_mail": site.by_mail, "by_phone": site.by_phone}
    response = make_response(render_template(template, **common, **context), status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def message_page(site: CitizenSite, why: str, status: int, wait_s: int = 0) -> Response:
    """The page that says why the requested one cannot be shown; ``why`` selects the text."""
    response = render(site, "lapor_closed.html", {"why": why}, status)
    if wait_s:
        response.headers["Retry-After"] = str(wait_s)
    return response


def add_headers(response: Response) -> Response:
    """Add the headers of every answer; these pages, and no others, may ask for the telephone's location."""
    response.headers.setdefault("Content-Security-Policy", content_policy())
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self)"
    return response
