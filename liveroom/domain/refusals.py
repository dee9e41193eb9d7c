"""What the domain answers when it says no: few typed refusals with closed codes."""

from enum import StrEnum


class Code(StrEnum):
    """Every reason a command can be refused for; docs/commands.md lists them."""

    STATE = "state"
    ROLE = "role"
    FIELD = "field"
    UNKNOWN_AGENCY = "unknown_agency"
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_COMPLAINT = "unknown_complaint"
    NOT_YOUR_COMPLAINT = "not_your_complaint"
    SAME_PERSON = "same_person"
    CLAIMED = "claimed"
    PAST = "past"
    CYCLE = "cycle"
    WINDOW = "window"
    DRILL = "drill"
    LIMIT = "limit"
    LAST_ADMIN = "last_admin"


class Refused(Exception):
    """The domain says no; ``field`` names the offending field, and ``by`` the person in the way, where there is one.

    No dataclass: Python itself writes to a raised exception (traceback, context, notes), so it cannot be frozen.
    """

    def __init__(self, code: Code, message: str, field: str | None = None, *, by: str | None = None) -> None:
        super().__init__(code, message, field)
        self.code = code
        self.message = message
        self.field = field
        self.by = by

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Malformed(Exception):
    """A report or command has the wrong shape; ``field`` is its path, ``message`` says what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(field, message)
        # A path may hold a stranger's own key, and half of a surrogate pair could not be told to anybody.
        self.field = field.encode("utf-8", "backslashreplace").decode()
        self.message = message

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"
