"""Whether a request comes from whom it says: Standard Webhooks, plain HMAC-SHA256, a shared token, a handshake.

Everything is compared in constant time. Of several secrets any may have signed, so that one is replaced without a gap.
What is signed has a mark by which a repeat is known; what bears a token alone has none, for whoever could repeat it
could as well write it anew.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import msgspec
from werkzeug.datastructures import Headers

from liveroom.runtime.config import SECRET_WORDS, WHSEC, NoSecret, is_secret, open_secret, signing_key
from liveroom.runtime.time import system_now

STANDARD_ID, STANDARD_TIME, STANDARD_SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
# The tolerance of Standard Webhooks, for times of other headers too.
TOLERANCE = timedelta(minutes=5)
BODY, TIME = "{body}", "{time}"
_SECONDS = re.compile(r"\d{1,12}", re.ASCII)
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")


class Unsigned(Exception):
    """The request does not show that it comes from whom it says."""


class VerifySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How requests of one hook prove themselves.

    ``by``: standard, hmac, token, or signature for either of the first two as the headers say. ``secret``: one or
    several, each ``env:NAME`` or ``file:PATH``. ``header``, ``prefix`` and ``encoding`` of an HMAC, the first two of a
    token as well; ``signed``: what the HMAC is over, with ``time_header`` for its ``{time}``. ``handshake``: the secret
    that WhatsApp's question for the address bears.
    """

    by: Literal["signature", "standard", "hmac", "token"] = "signature"
    secret: str | tuple[str, ...] = ()
    header: str = ""
    prefix: str | None = None
    encoding: Literal["hex", "base64"] = "hex"
    signed: str = BODY
    time_header: str = ""
    handshake: str = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets, by their places."""
        return (self.secret,) if isinstance(self.secret, str) else self.secret

    def faults(self) -> Iterator[tuple[str, str]]:
        """What is wrong with them, as field and message."""
        if not self.secrets:
            yield "secret", f"is required: {SECRET_WORDS}"
        for name, said in (*(("secret", one) for one in self.secrets), ("handshake", self.handshake)):
            if said and not is_secret(said):
                yield name, f"must be {SECRET_WORDS}, and never the secret itself"
        if self.by == "token" and not self.header:
            yield "header", "is required: which header bears the token?"
        for name, said in (("header", self.header), ("time_header", self.time_header)):
            if said and not _HEADER.fullmatch(said):
                yield name, f"must be the name of a header, not {said[:64]!r}"
        if self.signed.count(BODY) != 1 or self.signed.count(TIME) > 1:
            yield "signed", f"must have {BODY} once, and {TIME} at most once"
        if (TIME in self.signed) != bool(self.time_header):
            yield "time_header", f"belongs to a {TIME} in signed: a time that is not signed proves nothing"


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """The check of one hook."""

    settings: VerifySettings

    def unopened(self) -> Iterator[tuple[str, str]]:
        """The secrets that cannot be opened now, or with which nothing can be signed, as field and message."""
        named = (*(("secret", one) for one in self.settings.secrets), ("handshake", self.settings.handshake))
        for name, place in named:
            try:
                secret = open_secret(place) if place else ""
            except NoSecret as error:
                yield name, str(error)
                continue
            # Where the headers say by what is signed, a secret of the other way is a plain one.
            standard = self.settings.by == "standard" or (self.settings.by == "signature" and secret.startswith(WHSEC))
            if name == "secret" and standard and signing_key(secret) is None:
                yield name, f"what {place.partition(':')[2]} holds must be {WHSEC} and base64"

    def check_head(self, headers: Headers) -> None:
        """Refuse by the headers alone whoever shows no right token or no signature. Raises Unsigned, NoSecret."""
        rule = self.settings
        if rule.by == "token":
            said = _unprefixed(headers.get(rule.header), rule.prefix or "")
            if not any(_same(said, secret) for secret in self._opened()):
                raise Unsigned
        elif not (self._standard(headers) or headers.get(self._header)):
            raise Unsigned

    def mark(self, headers: Headers, body: bytes) -> str | None:
        """The mark of a request whose head was checked: the same for each repeat of one message; None for a token.

        Raises Unsigned, NoSecret.
        """
        if self.settings.by == "token":
            return None
        if self._standard(headers):
            return self._standard_mark(headers, body)
        return self._hmac_mark(headers, body)

    def greets(self, token: str) -> bool:
        """Whether a question for the address bears the handshake's secret. Raises NoSecret."""
        return bool(self.settings.handshake) and _same(token, open_secret(self.settings.handshake))

    @property
    def _header(self) -> str:
        return self.settings.header or "X-Signature"

    def _standard(self, headers: Headers) -> bool:
        by = self.settings.by
        return by == "standard" or (by == "signature" and STANDARD_SIGNATURE in headers)

    def _opened(self) -> Iterator[str]:
        return (open_secret(place) for place in self.settings.secrets)

    def _standard_mark(self, headers: Headers, body: bytes) -> str:
        id_, time = headers.get(STANDARD_ID, ""), _near(headers.get(STANDARD_TIME, ""))
        said = [one[3:] for one in headers.get(STANDARD_SIGNATURE, "").split() if one.startswith("v1,")]
        content = f"{id_}.{time}.".encode("utf-8", "surrogatepass") + body
        for secret in self._opened():
            key = signing_key(secret)
            right = "" if key is None else base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
            if id_ and right and any([_same(one, right) for one in said]):
                return f"id:{id_}"
        raise Unsigned

    def _hmac_mark(self, headers: Headers, body: bytes) -> str:
        rule, prefix = self.settings, "sha256=" if self.settings.prefix is None else self.settings.prefix
        said = _unprefixed(headers.get(self._header), prefix)
        content = self._content(headers, body)
        for secret in self._opened():
            digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
            if rule.encoding == "hex":
                right = _same(said.lower(), digest.hex())
            else:
                right = _same(said, base64.b64encode(digest).decode())
            if right:
                return f"hmac:{hashlib.sha256(content).hexdigest()}"
        raise Unsigned

    def _content(self, headers: Headers, body: bytes) -> bytes:
        """What is signed. Raises Unsigned for a time that is none or too far from now."""
        rule, time = self.settings, ""
        if rule.time_header:
            time = _near(headers.get(rule.time_header, ""))
        before, _, after = rule.signed.partition(BODY)
        return before.replace(TIME, time).encode() + body + after.replace(TIME, time).encode()


def _near(said: str) -> str:
    """A time in seconds that is near now. Raises Unsigned for another, and for what is none."""
    time = said.strip()
    if not _SECONDS.fullmatch(time) or abs(int(time) - system_now().timestamp()) > TOLERANCE.total_seconds():
        raise Unsigned
    return time


def _unprefixed(said: str | None, prefix: str) -> str:
    """The header's value without its prefix. Raises Unsigned where either is missing."""
    said = (said or "").strip()
    if not said.startswith(prefix) or said == prefix:
        raise Unsigned
    return said[len(prefix) :].strip()


def _same(said: str, right: str) -> bool:
    return hmac.compare_digest(said.encode("utf-8", "surrogatepass"), right.encode())
