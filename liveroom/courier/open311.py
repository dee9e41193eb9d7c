"""The Open311 channels (GeoReport v2): a request to an agency's own server, an update to a source that takes them.

A form goes out, JSON or XML comes back. Answers are texts from outside: the number or the token that the server gave a
request is looked for, nothing is parsed. What becomes of such a request is asked for by `agency_status`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from liveroom.accounts.sources import StatusAddress
from liveroom.city.agencies import Agency
from liveroom.city.city import City
from liveroom.courier.content import SAID_TO_CITIZENS, Content, due_in, place_in, step_in
from liveroom.courier.http import NOBODY, HttpAnswer, HttpSender, Outcome, delivered, unreachable
from liveroom.domain.complaints.model import Complaint
from liveroom.projection.service_requests import STATE_WORDS, STEP_WORDS
from liveroom.runtime.config import NoSecret, open_secret
from liveroom.runtime.http_client import meant_inside

ANSWERED = {
    name: re.compile(
        rf'"{name}"\s*:\s*(?:"((?:[^"\\]|\\/){{1,64}})"|(\d{{1,64}}))'
        rf"|<(?:[\w-]+:)?{name}(?:\s[^<>]*)?>(?:\s*<!\[CDATA\[)?([^<>\]]{{1,64}})"
    )
    for name in ("service_request_id", "token")
}
DESCRIPTION_MAX = 4_000


class Open311Channel:
    """Posts service requests; ``secrets`` hold API keys by the names that the pack uses."""

    def __init__(self, city: City, secrets: Mapping[str, str], http: HttpSender) -> None:
        self._city = city
        self._secrets = secrets
        self._http = http

    def send(self, content: Content) -> Outcome:
        """Post one delivery; the reason of a success is the number that the agency's system gave it."""
        agency = self._city.agencies.get(content.delivery.key)
        key = self._secrets.get(agency.secret) if agency is not None and agency.secret is not None else None
        if agency is None or agency.url is None or (agency.secret is not None and not key):
            return unreachable("unset", "no address, or no secret of that name in the settings")
        form = self._form(content, agency) | ({"api_key": key} if key else {})
        url = f"{agency.url.rstrip('/')}/requests.{agency.open311.format}"
        answer = self._http.post(url, urlencode(form).encode(), _headers(content))
        if isinstance(answer, Outcome):
            return answer
        if not answer.ok:
            return _without(key, answer).outcome()
        number, token = (_answered(name, answer.text) for name in ANSWERED)
        reason = f"service_request_id {number}" if number else ""
        return replace(delivered(str(answer.status), reason), number=number, token=token)

    def _form(self, content: Content, agency: Agency) -> dict[str, str]:
        complaint = content.complaint
        if complaint is None:
            return {"description": content.delivery.subject}
        form = {
            "jurisdiction_id": agency.open311.jurisdiction,
            "service_code": agency.open311.services.get(complaint.category, complaint.category),
            "lat": None if complaint.lat is None else f"{complaint.lat:.6f}",
            "long": None if complaint.lon is None else f"{complaint.lon:.6f}",
            "address_string": content.texts.get("address") or place_in(self._city, complaint),
            "description": self._description(content),
            "media_url": next(iter(content.pictures), None),
        }
        return {name: value for name, value in form.items() if value}

    def _description(self, content: Content) -> str:
        """Number, deadline and the words of the complaint: GeoReport has no field of its own for the first two."""
        complaint, language = content.complaint, self._city.languages[0]
        if complaint is None:
            return ""
        parts = [f"[{content.number}]", due_in(self._city, complaint, language), content.said or ""]
        return "\n".join(part for part in (*parts, content.texts.get("description", "")) if part)[:DESCRIPTION_MAX]


def _answered(name: str, text: str) -> str:
    """The number that the agency's system gave the request, or the token for it; "" where there is none."""
    found = ANSWERED[name].search(text)
    said = next(filter(None, found.groups()), "") if found is not None else ""
    return said.replace("\\/", "/").strip()


def _without(key: str | None, answer: HttpAnswer) -> HttpAnswer:
    """The answer, whose words are kept: our key is not to be among them."""
    return replace(answer, text=answer.text.replace(key, "…")) if key else answer


def _headers(content: Content) -> dict[str, str]:
    return {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": content.delivery.id}


# Updates of a source's own requests, as FixMyStreet reads them.

# What its server answers to an update that it has already.
KNOWN = re.compile(r"already|duplicate|^(?!.*\b(?:no|not|none|never)\b).*exists", re.IGNORECASE | re.DOTALL)
REFUSED = 400


class Open311Updates:
    """Posts service request updates to the servers of sources."""

    def __init__(self, city: City, http: HttpSender) -> None:
        self._city = city
        self._http = http

    def send(self, content: Content) -> Outcome:
        """Post one delivery; its id is the update's, at every attempt."""
        to = content.status_to
        if to is None or content.complaint is None:
            return delivered(NOBODY)
        try:
            key = open_secret(to.secret) if to.secret else None
        except NoSecret:
            return unreachable("unset", "its api_key cannot be read")
        form = self._form(content, content.complaint, to) | ({"api_key": key} if key else {})
        answer = self._http.post_outside(
            _address(to.url), urlencode(form).encode(), _headers(content), meant_inside(to.url, said=to.inside)
        )
        if isinstance(answer, Outcome):
            return answer
        if answer.status == REFUSED and KNOWN.search(answer.text):
            return delivered(str(answer.status), _without(key, answer).text)
        return _without(key, answer).outcome()

    def _form(self, content: Content, complaint: Complaint, to: StatusAddress) -> dict[str, str]:
        event, language = content.event.event, self._city.languages[0]
        said = content.said if event.kind in SAID_TO_CITIZENS else None
        form = {
            "jurisdiction_id": to.jurisdiction,
            "service_request_id": complaint.source_id,
            "update_id": content.delivery.id,
            "status": (STEP_WORDS.get(event.kind) or STATE_WORDS[complaint.state]).upper(),
            "updated_datetime": event.at.astimezone(self._city.zone).isoformat(timespec="seconds"),
            "service_code": complaint.category,
            "description": (said or step_in(self._city, event, language, own=True))[:DESCRIPTION_MAX],
        }
        return {name: value for name, value in form.items() if value}


def _address(url: str) -> str:
    """The address of updates: as it stands where it ends with a format, else below the endpoint."""
    return url if url.endswith((".json", ".xml")) else f"{url.rstrip('/')}/servicerequestupdates.json"
