"""The doors of the table of permissions as somebody outside finds them: where each is, and whether it stayed shut."""

import re
from typing import Any

from werkzeug.routing import Rule

from display.auth.permissions import Permission
from display.auth.visitor import PrincipalKind
from tests.rooms.staffed import AGENCY

MACHINES = (PrincipalKind.SCREEN, PrincipalKind.SOURCE, PrincipalKind.ROOM)


def path_of(rule: Rule) -> str:
    """The route's address for something that does not exist; an agency is that of the people asked as, a form a CSV."""
    known = rule.rule.replace("agencies/<key>", f"agencies/{AGENCY}").replace("<any(csv, xlsx):form>", "csv")
    return re.sub(r"<[^>]+>", "x", known)


def refused(row: Permission, kind: PrincipalKind, answer: Any) -> bool:
    """Whether this is how a visitor of this kind is turned away here. Fails for any other way of turning away.

    ``answer`` is Werkzeug's or httpx's.
    """
    to_log_in = answer.status_code == 303 and answer.headers["Location"].startswith("/login?next=")
    if answer.status_code not in (401, 403) and not to_log_in:
        return False
    if kind is PrincipalKind.NOBODY:
        # A door that looks itself turns nobody away as it turns away a stranger.
        assert to_log_in if row.page else answer.status_code == (row.stranger if row.own else 401), answer.text
    else:
        assert answer.status_code == (row.stranger if row.own or kind in MACHINES else 403), answer.text
    return True
