"""Signed webhooks (Standard Webhooks): to an agency's own system, and back to the source that sent a complaint."""

from collections.abc import Mapping

from standardwebhooks import Webhook as Signing

from liveroom.accounts.sources import Webhook
from liveroom.city.city import City
from liveroom.courier.body import body_of
from liveroom.courier.content import Content
from liveroom.courier.outcome import NOBODY, Outcome, delivered, of_status, unreachable
from liveroom.courier.post import Poster
from liveroom.domain.notifications import Whom
from liveroom.runtime.time import system_now


class Webhooks:
    """Posts a signed body; ``secrets`` by the names that the pack uses."""

    def __init__(self, city: City, secrets: Mapping[str, str], poster: Poster) -> None:
        self._city = city
        self._secrets = secrets
        self._poster = poster

    def carry(self, content: Content) -> Outcome:
        """Post one delivery; a source that was revoked meanwhile gets none."""
        if content.delivery.whom == Whom.SOURCE and content.webhook is None:
            return delivered(NOBODY)
        hook = self._hook(content)
        if hook is None:
            return unreachable("unset", "no address, or no secret of that name in the settings")
        body = body_of(content, self._city)
        try:
            headers = signed(hook.secret, content.delivery.id, body)
        except (ValueError, RuntimeError):
            return unreachable("unset", "the secret is no base64")
        answer = self._poster.post(hook.url, body, headers)
        return answer if isinstance(answer, Outcome) else of_status(answer.status, answer.text, answer.away)

    def _hook(self, content: Content) -> Webhook | None:
        if content.delivery.whom == Whom.SOURCE:
            return content.webhook
        agency = self._city.agencies.get(content.delivery.key)
        secret = self._secrets.get(agency.secret or "") if agency is not None else None
        if agency is None or agency.url is None or not secret:
            return None
        return Webhook(url=agency.url, secret=secret)


def signed(secret: str, id_: str, body: bytes) -> dict[str, str]:
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
