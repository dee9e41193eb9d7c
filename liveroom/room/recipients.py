"""Recipients: by which channel each receiver is reached, according to the city pack and the settings.

A *recipient* (`domain.notifications`) is who should hear of an event; a *receiver* ``(kind, key)`` is who the outbox
delivers to.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

from liveroom.city.city import City
from liveroom.domain.notifications import Recipient, RecipientKind
from liveroom.log.outbox import Receiver
from liveroom.runtime.config import Subscription


class Channel(StrEnum):
    """How a delivery leaves. With ``page`` nothing leaves: the receiver reads it here as soon as it is committed."""

    PAGE = "page"
    MAIL = "mail"
    WEBHOOK = "webhook"
    OPEN311 = "open311"
    MESSAGE = "message"


# Servers that many receivers depend on, under the name of their alarm: while one is down no receiver is at fault.
SERVERS: Mapping[Channel, str] = {Channel.MAIL: "server-mail", Channel.MESSAGE: "server-message"}


class Recipients:
    """The channels of one room.

    ``mail``: a mail server is configured; without one everybody who would get mail reads it here. ``messages``: a
    gateway reaches citizens' telephones. ``paged``: the supervisor has an address for urgent mail; ``pages``: so
    an alarm that nobody acknowledges reaches somebody (CR-18). ``digest``: how long an agency's new work may wait to be
    collected into one letter, unless the pack says otherwise for it; None: not at all. ``subscriptions``: who else is
    told what becomes of the complaints of a source.
    """

    def __init__(
        self,
        city: City,
        *,
        mail: bool,
        messages: bool = False,
        paged: bool = False,
        digest: timedelta | None = None,
        subscriptions: Sequence[Subscription] = (),
    ) -> None:
        self._city = city
        self._mail = mail
        self._messages = messages
        self.pages = mail and paged
        self._digest = digest
        self.subscriptions = tuple(subscriptions)

    def receiver(self, to: Recipient) -> Receiver | None:
        """The receiver of a recipient; None if nobody can be reached. An office without mail is reached through its
        agency."""
        if to.kind is RecipientKind.SUPERVISOR and not self.pages:
            return None
        if to.kind is RecipientKind.CITIZEN and self.citizen(email=True, phone=True) is None:
            return None
        if to.kind is RecipientKind.READER and self._email_of(to.key) is None:
            return None
        office = self._city.recipients.get(to.key) if to.kind is RecipientKind.OFFICE else None
        if to.kind is RecipientKind.OFFICE and (office is None or office.email is None):
            return None if to.through is None else (RecipientKind.AGENCY.value, to.through)
        return to.kind.value, to.key

    def subscribers(self, source: Collection[str], kind: str) -> tuple[Receiver, ...]:
        """Who is told of an event of this kind on a complaint of a source with these names (its id and its name)."""
        return tuple(
            (RecipientKind.SUBSCRIBER.value, one.name) for one in self.subscriptions if one.wants(source, kind)
        )

    def citizen(self, *, email: bool, phone: bool) -> RecipientKind | None:
        """How a citizen with these contacts is reached: mail first, else by telephone; None: not at all."""
        if email and self._mail:
            return RecipientKind.CITIZEN
        return RecipientKind.PHONE if phone and self._messages else None

    def held(self, receiver: Receiver) -> timedelta | None:
        """How long new work for this receiver waits for a digest; None: each is sent by itself."""
        if receiver[0] != RecipientKind.AGENCY or self.channel(receiver) is not Channel.MAIL:
            return None
        own = self._city.agencies[receiver[1]].digest_minutes
        return self._digest if own is None else timedelta(minutes=own) or None

    def behind(self, server: str) -> tuple[tuple[str, str | None], ...] | None:
        """The receivers that depend on one of SERVERS, with None as key for all of a kind; None for another name."""
        channel = next((channel for channel, name in SERVERS.items() if name == server), None)
        if channel is None:
            return None
        kinds = [
            (kind.value, None)
            for kind in RecipientKind
            if kind is not RecipientKind.AGENCY and self._usual_channel(kind) is channel
        ]
        keys = [key for key in self._city.agencies if self.channel((RecipientKind.AGENCY.value, key)) is channel]
        return (*kinds, *((RecipientKind.AGENCY.value, key) for key in keys))

    def channel(self, receiver: Receiver) -> Channel:
        """The channel of a receiver."""
        kind, key = receiver
        channel = self._usual_channel(RecipientKind(kind))
        if RecipientKind(kind) is RecipientKind.AGENCY:
            agency = self._city.agencies.get(key)
            channel = Channel(agency.channel) if agency is not None else Channel.PAGE
        return Channel.PAGE if channel is Channel.MAIL and not self._mail else channel

    @staticmethod
    def _usual_channel(kind: RecipientKind) -> Channel:
        """The usual channel of a kind; an agency may have its own."""
        match kind:
            case RecipientKind.SOURCE | RecipientKind.SUBSCRIBER:
                return Channel.WEBHOOK
            case RecipientKind.PHONE:
                return Channel.MESSAGE
            case RecipientKind.OFFICE | RecipientKind.SUPERVISOR | RecipientKind.CITIZEN | RecipientKind.AGENCY:
                return Channel.MAIL
            case RecipientKind.READER:
                return Channel.MAIL

    def _email_of(self, agency: str) -> str | None:
        found = self._city.agencies.get(agency)
        return None if found is None else found.email
