"""What is said when the media store cannot be used: in plain words, with what to look at, and never with a key."""

import re

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

# A server's answer quotes the key that it did not take: of all that it says only status and code are told.
SAID = re.compile(r"status code: (\d{3} [\w ]{1,40})|HTTP error: ([\w ]{1,40})")
CODE = re.compile(r"<Code>(\w{1,60})</Code>")
NO_FOLDER = "Unable to canonicalize filesystem root"
FAILURES = (BaseError, OSError, ValueError)


class StoreAway(Exception):
    """The store cannot be used now; nothing is lost, try again."""


def away(where: str, error: Exception) -> StoreAway:
    """What ``error`` of the library means for the store at ``where``, an address or a folder."""
    text = str(error)
    status = next((one for one in SAID.findall(text) if any(one)), ("", ""))
    told = [type(error).__name__, *(one.strip() for one in status if one), *CODE.findall(text)[:1]]
    return StoreAway(f"the media store {where} {_meaning(error, status[0])} ({', '.join(told)})")


def _meaning(error: Exception, status: str) -> str:
    refused = isinstance(error, PermissionDeniedError | UnauthenticatedError | PermissionError)
    if refused or status.startswith(("401", "403")):
        return "does not let us in: look at the keys in the environment and at what they may do"
    if "os error 28" in str(error) or "os error 122" in str(error):  # ENOSPC, EDQUOT, as the library tells them
        return "has no room: its disk is full"
    if isinstance(error, FileNotFoundError) or status.startswith("404") or NO_FOLDER in str(error):
        return "is not there: create the bucket or folder, or mend media.store"
    return "does not answer as it should"
