"""A service request to an agency's own Open311 server (GeoReport v2, POST requests): form in, JSON or XML back."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from liveroom.city.agencies import Agency
from liveroom.city.city import City
from liveroom.courier import content as delivery_content
from liveroom.courier.content import Content
from liveroom.courier.http import Outcome, Poster, delivered, of_status, unreachable

# Looked for, not parsed: the answer is text from outside and only a number of it is kept.
REQUEST_ID = re.compile(
    r'"service_request_id"\s*:\s*(?:"((?:[^"\\]|\\/){1,64})"|(\d{1,64}))'
    r"|<(?:[\w-]+:)?service_request_id(?:\s[^<>]*)?>(?:\s*<!\[CDATA\[)?([^<>\]]{1,64})"
)
DESCRIPTION_MAX = 4_000


class Open311Channel:
    """Posts service requests; ``secrets`` hold API keys by the names that the pack uses."""

    def __init__(self, city: City, secrets: Mapping[str, str], poster: Poster) -> None:
        self._city = city
        self._secrets = secrets
        self._poster = poster

    def carry(self, content: Content) -> Outcome:
        """Post one delivery; the reason of a success is the number that the agency's system gave."""
        agency = self._city.agencies.get(content.delivery.key)
        key = self._secrets.get(agency.secret) if agency is not None and agency.secret is not None else None
        if agency is None or agency.url is None or (agency.secret is not None and not key):
            return unreachable("unset", "no address, or no secret of that name in the settings")
        form = self._form(content, agency) | ({"api_key": key} if key else {})
        url = f"{agency.url.rstrip('/')}/requests.{agency.open311.format}"
        answer = self._poster.post(url, urlencode(form).encode(), _headers(content))
        if isinstance(answer, Outcome):
            return answer
        number = _number(answer.text)
        if 200 <= answer.status < 300 and number:
            return delivered(str(answer.status), f"service_request_id {number}")
        return of_status(answer.status, answer.text, answer.away)

    def _form(self, content: Content, agency: Agency) -> dict[str, str]:
        complaint = content.complaint
        if complaint is None:
            return {"description": content.delivery.subject}
        told = {
            "jurisdiction_id": agency.open311.jurisdiction,
            "service_code": agency.open311.services.get(complaint.category, complaint.category),
            "lat": None if complaint.lat is None else f"{complaint.lat:.6f}",
            "long": None if complaint.lon is None else f"{complaint.lon:.6f}",
            "address_string": content.texts.get("address") or delivery_content.place_in(self._city, complaint),
            "description": self._description(content),
            "media_url": next(iter(content.pictures), None),
        }
        return {name: value for name, value in told.items() if value}

    def _description(self, content: Content) -> str:
        """Number, deadline and the words of the complaint: GeoReport has no field of its own for the first two."""
        complaint, language = content.complaint, self._city.languages[0]
        if complaint is None:
            return ""
        parts = [f"[{content.number}]", delivery_content.due_in(self._city, complaint, language), content.said or ""]
        return "\n".join(part for part in (*parts, content.texts.get("description", "")) if part)[:DESCRIPTION_MAX]


def _number(text: str) -> str:
    """What the agency's system calls the request, "" where it does not say: some answer with a token alone."""
    found = REQUEST_ID.search(text)
    said = next(filter(None, found.groups()), "") if found is not None else ""
    return said.replace("\\/", "/").strip()


def _headers(content: Content) -> dict[str, str]:
    return {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": content.delivery.id}
