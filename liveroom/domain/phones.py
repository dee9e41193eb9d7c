"""Telephone numbers in one form (``phone_key``), and which of them a machine may call (`CallRules`).

One form, so that 0812-…, +62 812 … and 62812… find the same citizen. Not every number is called, because whoever
leaves a number chooses what a call to it costs and who earns from it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from unicodedata import decimal

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

# Lengths of what may be a number; the library reads no more characters either.
FEWEST_DIGITS, LONGEST = 5, 250
# What a city may let a machine call. Premium-rate, shared-cost, personal, pager and other numbers, for which whoever
# leaves them may be paid, are in no setting.
KINDS: Mapping[str, int] = {
    "mobile": PhoneNumberType.MOBILE,
    "fixed_line": PhoneNumberType.FIXED_LINE,
    "fixed_line_or_mobile": PhoneNumberType.FIXED_LINE_OR_MOBILE,
    "voip": PhoneNumberType.VOIP,
    "toll_free": PhoneNumberType.TOLL_FREE,
}
COUNTRIES: Collection[str] = phonenumbers.SUPPORTED_REGIONS


class NotCallable(StrEnum):
    """Why a machine does not call a number: no country gives it out, or it is of another country or kind."""

    NUMBER = "number"
    COUNTRY = "number_country"
    KIND = "number_kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRules:
    """Which numbers a machine may call: ``countries`` as two letters, ``kinds`` of KINDS.

    Never one that begins as one of ``never`` (E.164).
    """

    countries: frozenset[str]
    kinds: frozenset[str]
    never: tuple[str, ...]

    def refusal(self, key: str) -> NotCallable | None:
        """Why the number of a ``phone_key`` is not to be called; None: it may be."""
        parsed = _given_out(key)
        if parsed is None:
            return NotCallable.NUMBER
        # A satellite network is of no country, whatever it costs to call it.
        if phonenumbers.region_code_for_number(parsed) not in self.countries:
            return NotCallable.COUNTRY
        kind = phonenumbers.number_type(parsed)
        if kind not in {KINDS[name] for name in self.kinds} or key.startswith(self.never):
            return NotCallable.KIND
        return None


@lru_cache(maxsize=1024)
def phone_key(written: str, region: str) -> str | None:
    """E.164 of a number dialled in ``region`` (two letters), else its digits; None when it is no number at all."""
    if len(written) > LONGEST:
        return None
    digits = "".join(str(decimal(character)) for character in written if character.isdecimal())  # of any keyboard
    if len(digits) < FEWEST_DIGITS:
        return None
    try:
        parsed = phonenumbers.parse(written, region or None)
    except phonenumbers.NumberParseException:
        return digits
    if not phonenumbers.is_possible_number(parsed):
        return digits
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def is_given_out(key: str | None) -> bool:
    """Whether a ``phone_key`` is a number that its country gives out."""
    return key is not None and _given_out(key) is not None


def _given_out(key: str) -> phonenumbers.PhoneNumber | None:
    if not key.startswith("+"):
        return None
    try:
        parsed = phonenumbers.parse(key)
    except phonenumbers.NumberParseException:
        return None
    whole = phonenumbers.format_number(parsed, PhoneNumberFormat.E164) == key
    return parsed if whole and phonenumbers.is_valid_number(parsed) else None
