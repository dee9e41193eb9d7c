"""Telephone numbers in one form, so that 0812-…, +62 812 … and 62812… find the same citizen."""

import phonenumbers

FEWEST_DIGITS = 5


def phone_key(written: str, region: str) -> str | None:
    """E.164 of a number dialled in ``region`` (two letters), else its digits; None when it is no number at all."""
    digits = "".join(character for character in written if character in "0123456789")
    if len(digits) < FEWEST_DIGITS:
        return None
    try:
        parsed = phonenumbers.parse(written, region or None)
    except phonenumbers.NumberParseException:
        return digits
    if not phonenumbers.is_possible_number(parsed):
        return digits
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def dialled(key: str | None) -> str | None:
    """The number of a ``phone_key`` if a machine may call it: E.164, and one that its country gives out."""
    if not key or not key.startswith("+"):
        return None
    try:
        return key if phonenumbers.is_valid_number(phonenumbers.parse(key)) else None
    except phonenumbers.NumberParseException:
        return None
