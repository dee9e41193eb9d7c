"""Why nobody could be reached: a code that the outbox's page has words for, and a line that names no address."""

import socket
import ssl

from liveroom.courier.outcome import Outcome, unreachable

AUTHORITY = "the receiver's certificate is of an authority that this machine does not trust (update-ca-certificates)"
# By OpenSSL's number of what is wrong with a certificate.
CERTIFICATE = {
    9: ("certificate_early", "the receiver's certificate is not valid yet: is this machine's time right?"),
    10: ("certificate_expired", "the receiver's certificate has expired"),
    18: ("certificate_own", "the receiver's certificate is signed by itself: trust it here (update-ca-certificates)"),
    19: ("certificate_authority", AUTHORITY),
    20: ("certificate_authority", AUTHORITY),
    62: ("certificate_name", "the receiver's certificate is for another name"),
    64: ("certificate_name", "the receiver's certificate is for another address"),
}
LONGEST_CHAIN = 10


def why_unreachable(error: BaseException) -> Outcome:
    """The outcome of an attempt that ``error`` ended; the error's kind where there are no words for it."""
    below: BaseException | None = error
    # A library's error hides the system's below itself.
    for _ in range(LONGEST_CHAIN):
        if below is None:
            break
        if (said := _said(below)) is not None:
            return unreachable(*said)
        below = below.__cause__ or below.__context__
    return unreachable("unreachable", type(error).__name__)


def _said(error: BaseException) -> tuple[str, str] | None:
    match error:
        case ssl.SSLCertVerificationError():
            # OpenSSL's own words for the rest name a rule, never a host.
            other = f"the receiver's certificate cannot be trusted: {error.verify_message}"
            return CERTIFICATE.get(error.verify_code, ("certificate", other))
        case ssl.SSLError():
            return "no_tls", "the receiver speaks no TLS that we do: is the port right?"
        case socket.gaierror():
            return "no_name", "the receiver's name cannot be looked up (DNS)"
        case ConnectionRefusedError():
            return "closed_port", "nobody listens at the receiver's address and port"
        case ConnectionError():
            return "broke_off", "the receiver broke off"
        case OSError(errno=101 | 113):
            return "no_route", "the network does not lead to the receiver"
        case _:
            return None
