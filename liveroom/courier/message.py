"""Short messages to citizens' telephones by a gateway of the city's choice: a signed POST for each, no word of theirs.

What the gateway speaks (SMS, WhatsApp) is its own business: it gets a number, a text and its language.
"""

import msgspec

from liveroom.city.city import City
from liveroom.courier import naming
from liveroom.courier.citizen_letter import told_of
from liveroom.courier.content import Content
from liveroom.courier.outcome import NOBODY, Outcome, delivered, refused, unreachable
from liveroom.courier.post import Poster
from liveroom.courier.webhook import signed
from liveroom.domain.phones import CallRules
from liveroom.runtime.config import Gateway
from liveroom.runtime.errors import ConfigError, Fault

# A no to this number or text. Every other one is about the gateway itself, and what is owed waits until it is mended.
NO_TO_THIS = frozenset({400, 410, 422})
LONGEST = 480


def call_rules(gateway: Gateway, city: City) -> CallRules:
    """Whom the gateway may call: in the city's own country unless the settings say more. Raises ConfigError."""
    countries = frozenset(gateway.countries or filter(None, (city.region,)))
    if gateway.url and not countries:
        whole = f"is required: the locale of {city.name} names no country whose numbers may be called"
        raise ConfigError([Fault("gateway.countries", whole)])
    return CallRules(countries=countries, kinds=frozenset(gateway.kinds), never=gateway.never)


class Messages:
    """Sends to one gateway."""

    def __init__(self, gateway: Gateway, city: City, poster: Poster) -> None:
        self._gateway = gateway
        self._city = city
        self._poster = poster
        self._rules = call_rules(gateway, city)

    def carry(self, content: Content) -> Outcome:
        """Post one delivery; whoever was erased meanwhile gets none, and a number that is not to be called no call."""
        if content.phone is None:
            return delivered(NOBODY)
        if (no := self._rules.refusal(content.phone)) is not None:
            return refused(no.value)
        if not self._gateway.url:
            return unreachable("unset", "no gateway in the settings")
        body = self._body(content, content.phone)
        answer = self._poster.post(self._gateway.url, body, signed(self._gateway.secret, content.delivery.id, body))
        if isinstance(answer, Outcome):
            return answer
        if 200 <= answer.status < 300:
            return delivered(str(answer.status))
        if answer.status in NO_TO_THIS:
            return refused(str(answer.status), answer.text)
        return unreachable(str(answer.status), answer.text, answer.away)

    def _body(self, content: Content, phone: str) -> bytes:
        """JSON ``{to, text, lang}``: an E.164 number, and a sentence with the private link."""
        language = naming.languages_of(self._city)[0]
        _, sentence = told_of(content, language)
        words = f"{self._city.name}, {content.number}: {sentence}"
        text = " ".join(part for part in (words[:LONGEST], content.link) if part)
        return msgspec.json.encode({"to": phone, "text": text, "lang": language})
