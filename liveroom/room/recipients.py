"""By which channel each receiver is reached, as the city pack and the settings say now."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from liveroom.city.city import City
from liveroom.domain.notifications import Recipient, RecipientKind
from liveroom.log.outbox import Receiver


class Channel(StrEnum):
    """The ways out. ``page`` is none: the work is read here and is there when it is committed."""

    PAGE = "page"
    MAIL = "mail"
    WEBHOOK = "webhook"
    OPEN311 = "open311"
    MESSAGE = "message"


# What many receivers are reached by, each named as the alarm of it is: while it is down none of them is at fault.
SERVERS: Mapping[Channel, str] = {Channel.MAIL: "server-mail", Channel.MESSAGE: "server-message"}


class Recipients:
    """``mail``: a mail server is configured; without one whoever would get mail reads its work here.

    ``messages``: a gateway reaches citizens' telephones. ``paged``: there is an address for a page of the supervisor.
    ``digest``: how long an agency's new work may wait for more, to be told of in one letter, unless the pack says
    another time of it; None: not at all.
    """

    def __init__(
        self, city: City, *, mail: bool, messages: bool = False, paged: bool = False, digest: timedelta | None = None
    ) -> None:
        self._city = city
        self._mail = mail
        self._messages = messages
        self._paged = mail and paged
        self._digest = digest

    def receiver(self, to: Recipient) -> Receiver | None:
        """Whom an addressee stands for; None where there is no way to tell anybody."""
        if to.whom is RecipientKind.SUPERVISOR and not self._paged:
            return None
        if to.whom is RecipientKind.CITIZEN and self.citizen(email=True, phone=True) is None:
            return None
        office = self._city.recipients.get(to.key) if to.whom is RecipientKind.OFFICE else None
        if to.whom is RecipientKind.OFFICE and (office is None or office.email is None):
            return None if to.through is None else (RecipientKind.AGENCY.value, to.through)
        return to.whom.value, to.key

    def citizen(self, *, email: bool, phone: bool) -> RecipientKind | None:
        """By which of the ways that a citizen left they are told: one, and mail first; None: by none."""
        if email and self._mail:
            return RecipientKind.CITIZEN
        return RecipientKind.PHONE if phone and self._messages else None

    def held(self, receiver: Receiver) -> timedelta | None:
        """How long new work for this receiver may wait for more; None where each goes by itself."""
        if receiver[0] != RecipientKind.AGENCY or self.channel(receiver) is not Channel.MAIL:
            return None
        own = self._city.agencies[receiver[1]].digest_minutes
        return self._digest if own is None else timedelta(minutes=own) or None

    def behind(self, server: str) -> tuple[tuple[str, str | None], ...] | None:
        """Who is reached by one of SERVERS, each with a key or with None for all of its kind; None for no server."""
        channel = next((channel for channel, name in SERVERS.items() if name == server), None)
        if channel is None:
            return None
        kinds = [
            (whom.value, None)
            for whom in RecipientKind
            if whom is not RecipientKind.AGENCY and self._way(whom) is channel
        ]
        keys = [key for key in self._city.agencies if self.channel((RecipientKind.AGENCY.value, key)) is channel]
        return (*kinds, *((RecipientKind.AGENCY.value, key) for key in keys))

    def channel(self, receiver: Receiver) -> Channel:
        """How this receiver is reached."""
        whom, key = receiver
        channel = self._way(RecipientKind(whom))
        if RecipientKind(whom) is RecipientKind.AGENCY:
            agency = self._city.agencies.get(key)
            channel = Channel(agency.channel) if agency is not None else Channel.PAGE
        return Channel.PAGE if channel is Channel.MAIL and not self._mail else channel

    @staticmethod
    def _way(whom: RecipientKind) -> Channel:
        """How all of a kind are reached; of agencies each has its own."""
        match whom:
            case RecipientKind.SOURCE:
                return Channel.WEBHOOK
            case RecipientKind.PHONE:
                return Channel.MESSAGE
            case RecipientKind.OFFICE | RecipientKind.SUPERVISOR | RecipientKind.CITIZEN | RecipientKind.AGENCY:
                return Channel.MAIL
