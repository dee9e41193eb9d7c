"""Channels that post a signed JSON body (Standard Webhooks): agencies' systems, sources, and the message gateway.

- `WebhookChannel`: to an agency's own system, back to the source that sent a complaint, and to who subscribes to what
  becomes of that source's complaints. All get ``{type, timestamp, delivery, data}``: codes and words of the complaint
  as it is now. An agency's address is the city's own; a source's and a subscriber's must be public, or named.
- `GatewayChannel`: a short message to a citizen's telephone, by a gateway of the city's choice. It gets a number, a
  text and its language; whether it sends SMS or WhatsApp is its own business. No word of the citizen's is in it.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from standardwebhooks import Webhook as Signing
from standardwebhooks.webhooks import EmptyWebhookSecretError

from liveroom.accounts.sources import Webhook
from liveroom.city.city import City
from liveroom.courier.content import SAID_TO_CITIZENS, Content, category_in, place_in
from liveroom.courier.http import NOBODY, HttpSender, Outcome, delivered, refused, unreachable
from liveroom.courier.letters import citizen_sentence
from liveroom.domain.complaints.model import Complaint
from liveroom.domain.notifications import RecipientKind
from liveroom.domain.phones import CallRules
from liveroom.domain.timestamps import to_text, to_text_or_none
from liveroom.runtime.config import (
    WHSEC,
    GatewaySettings,
    NoSecret,
    OutboxSettings,
    Subscription,
    open_secret,
    signing_key,
)
from liveroom.runtime.errors import ConfigError, Fault
from liveroom.runtime.time import system_now

# Gateway statuses that are a no to this number or text. Every other one is about the gateway itself, and what is owed
# waits until it is mended.
REFUSED_BY_GATEWAY = frozenset({400, 410, 422})
LONGEST_TEXT = 480


class WebhookChannel:
    """Posts to agencies, sources and subscribers; an agency's secret goes by the name that the pack uses."""

    def __init__(self, city: City, settings: OutboxSettings, http: HttpSender) -> None:
        self._city = city
        self._settings = settings
        self._subscriptions = {one.name: one for one in settings.subscriptions}
        self._http = http

    def send(self, content: Content) -> Outcome:
        """Post one delivery; none to a source that was revoked or a subscription that was ended meanwhile."""
        if self._is_gone(content):
            return delivered(NOBODY)
        hook = self._hook(content)
        if hook is None:
            return unreachable("unset", "no address, or no secret of that name in the settings")
        body = _body(content, self._city)
        try:
            headers = _signed_headers(hook.secret, content.delivery.id, body)
        except (ValueError, RuntimeError, EmptyWebhookSecretError):
            return unreachable("unset", "the secret is no base64")
        if content.delivery.recipient_kind == RecipientKind.AGENCY:
            answer = self._http.post(hook.url, body, headers)
        else:
            answer = self._http.post_outside(hook.url, body, headers, self._settings.internal_hosts)
        return answer if isinstance(answer, Outcome) else answer.outcome()

    def _is_gone(self, content: Content) -> bool:
        kind, key = content.delivery.receiver
        if kind == RecipientKind.SOURCE:
            return content.webhook is None
        return kind == RecipientKind.SUBSCRIBER and key not in self._subscriptions

    def _hook(self, content: Content) -> Webhook | None:
        kind, key = content.delivery.receiver
        if kind == RecipientKind.SOURCE:
            return content.webhook
        if kind == RecipientKind.SUBSCRIBER:
            return _subscribed(self._subscriptions[key])
        agency = self._city.agencies.get(key)
        secret = self._settings.secrets.get(agency.secret or "") if agency is not None else None
        if agency is None or agency.url is None or not secret:
            return None
        return Webhook(url=agency.url, secret=secret)


def _subscribed(subscription: Subscription) -> Webhook | None:
    """Address and secret of a subscription; None while its secret cannot be opened."""
    try:
        return Webhook(url=subscription.url, secret=open_secret(subscription.secret))
    except NoSecret:
        return None


def check_subscribed(subscriptions: Sequence[Subscription], where: str) -> list[Fault]:
    """A fault for each subscription whose secret cannot be opened now, or cannot sign."""
    faults = []
    for number, one in enumerate(subscriptions):
        try:
            if signing_key(open_secret(one.secret)) is not None:
                continue
            said = f"what {one.secret.partition(':')[2]} holds must be {WHSEC} and base64"
        except NoSecret as error:
            said = str(error)
        faults.append(Fault(f"{where}: outbox.subscriptions[{number}].secret", said))
    return faults


def _body(content: Content, city: City) -> bytes:
    """JSON ``{type, timestamp, delivery, data}``: the event's type and time, the delivery's id."""
    event = content.event.event
    to_agency = content.delivery.recipient_kind == RecipientKind.AGENCY
    data = _for_agency(content, city) if to_agency else _for_source(content)
    envelope = {"type": event.kind, "timestamp": to_text(event.at), "delivery": content.delivery.id, "data": data}
    return msgspec.json.encode(envelope)


def _for_source(content: Content) -> dict[str, Any]:
    """What became of a complaint, with the source's own number; words only where they are meant for the citizen."""
    complaint, event = content.complaint, content.event.event
    if complaint is None:
        return {"id": content.delivery.subject}
    said = content.said if event.kind in SAID_TO_CITIZENS else None
    return {**_identity(complaint), "text": said, "closed_at": to_text_or_none(complaint.closed_at)}


def _for_agency(content: Content, city: City) -> dict[str, Any]:
    complaint = content.complaint
    if complaint is None:
        return {"id": content.delivery.subject}
    language = city.languages[0]
    first = complaint.first_due
    return {
        **_identity(complaint),
        "agency": content.delivery.key,
        "lead": complaint.agency == content.delivery.key,
        "category": complaint.category,
        "category_name": category_in(city, complaint.category, language),
        "priority": complaint.priority,
        **_place(content, complaint, city),
        "description": content.texts.get("description"),
        "media": list(content.pictures),
        "received_at": to_text(complaint.received_at),
        "stage": first and first[0],
        "due_at": first and to_text(first[1].due),
        "percent": content.event.event.fields.get("percent"),
        "note": content.said,
        "link": content.link,
    }


def _place(content: Content, complaint: Complaint, city: City) -> dict[str, Any]:
    return {
        "area": complaint.area,
        "place": place_in(city, complaint),
        "lat": complaint.lat,
        "lon": complaint.lon,
        "address": content.texts.get("address"),
    }


def _identity(complaint: Complaint) -> dict[str, Any]:
    return {
        "id": complaint.id,
        "source_id": complaint.source_id,
        "status": complaint.status,
        "state": complaint.state,
        "drill": complaint.drill,
    }


def _signed_headers(secret: str, id_: str, body: bytes) -> dict[str, str]:
    """The headers of a body; the id is the delivery's at every attempt. Raises ValueError for a secret that is none."""
    now = system_now()
    signature = Signing(secret).sign(id_, now, body.decode())
    return {
        "Content-Type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
        "Idempotency-Key": id_,
    }


# The message gateway.


def call_rules(gateway: GatewaySettings, city: City) -> CallRules:
    """The numbers that the gateway may call: of the city's own country unless the settings say more.

    Raises ConfigError when there is a gateway and no country.
    """
    countries = frozenset(gateway.countries or filter(None, (city.region,)))
    if gateway.url and not countries:
        whole = f"is required: the locale of {city.name} names no country whose numbers may be called"
        raise ConfigError([Fault("gateway.countries", whole)])
    return CallRules(countries=countries, kinds=frozenset(gateway.kinds), never=gateway.never)


class GatewayChannel:
    """Posts to one gateway."""

    def __init__(self, gateway: GatewaySettings, city: City, http: HttpSender) -> None:
        self._gateway = gateway
        self._city = city
        self._http = http
        self._rules = call_rules(gateway, city)

    def send(self, content: Content) -> Outcome:
        """Post one delivery; none to a person who was erased meanwhile, or to a number that may not be called."""
        if content.phone is None:
            return delivered(NOBODY)
        if (no := self._rules.refusal(content.phone)) is not None:
            return refused(no.value)
        if not self._gateway.url:
            return unreachable("unset", "no gateway in the settings")
        body = self._body(content, content.phone)
        headers = _signed_headers(self._gateway.secret, content.delivery.id, body)
        answer = self._http.post(self._gateway.url, body, headers)
        if isinstance(answer, Outcome):
            return answer
        if answer.ok:
            return delivered(str(answer.status))
        if answer.status in REFUSED_BY_GATEWAY:
            return refused(str(answer.status), answer.text)
        return unreachable(str(answer.status), answer.text, answer.retry_after)

    def _body(self, content: Content, phone: str) -> bytes:
        """JSON ``{to, text, lang}``: an E.164 number, and a sentence with the private link."""
        language = self._city.languages[0]
        words = f"{self._city.name}, {content.number}: {citizen_sentence(content, language)}"
        text = " ".join(part for part in (words[:LONGEST_TEXT], content.link) if part)
        return msgspec.json.encode({"to": phone, "text": text, "lang": language})
