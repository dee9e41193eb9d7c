"""The channel to an agency's own Open311 server (GeoReport v2, POST requests): a form out, JSON or XML back.

Answers are texts from outside: the service request's number is looked for, nothing is parsed.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from liveroom.city.agencies import Agency
from liveroom.city.city import City
from liveroom.courier.content import Content, due_in, place_in
from liveroom.courier.http import HttpSender, Outcome, delivered, unreachable

REQUEST_ID = re.compile(
    r'"service_request_id"\s*:\s*(?:"((?:[^"\\]|\\/){1,64})"|(\d{1,64}))'
    r"|<(?:[\w-]+:)?service_request_id(?:\s[^<>]*)?>(?:\s*<!\[CDATA\[)?([^<>\]]{1,64})"
)
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
        number = _request_id(answer.text)
        if answer.ok and number:
            return delivered(str(answer.status), f"service_request_id {number}")
        return answer.outcome()

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


def _request_id(text: str) -> str:
    """The number that the agency's system gave the request; "" where it gives none: some answer with a token alone."""
    found = REQUEST_ID.search(text)
    number = next(filter(None, found.groups()), "") if found is not None else ""
    return number.replace("\\/", "/").strip()


def _headers(content: Content) -> dict[str, str]:
    return {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": content.delivery.id}
