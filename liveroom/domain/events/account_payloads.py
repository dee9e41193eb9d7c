"""The payload of each event about a source, a screen or a user; docs/events.md says what each field means."""

from collections.abc import Sequence

from liveroom.domain.events.kinds import Kind, Payload


class SourceChanged(Payload, frozen=True, kw_only=True):
    """A source fell silent (late, lost), was heard again (ok) or was revoked (closed)."""

    KIND = Kind.SOURCE_CHANGED
    state: str


class ScreenFact(Payload, frozen=True, kw_only=True):
    """What an event says of a screen."""


class ScreenPaired(ScreenFact, frozen=True, kw_only=True):
    """A new screen; its name, place and settings are in its row."""

    KIND = Kind.SCREEN_PAIRED


class ScreenChanged(ScreenFact, frozen=True, kw_only=True):
    """Which of name, place and settings were set anew."""

    KIND = Kind.SCREEN_CHANGED
    changed: Sequence[str]


class ScreenRevoked(ScreenFact, frozen=True, kw_only=True):
    """Its token was ended."""

    KIND = Kind.SCREEN_REVOKED


class ScreenFrozen(ScreenFact, frozen=True, kw_only=True):
    """Nothing flashes on it until then, real time."""

    KIND = Kind.SCREEN_FROZEN
    until_real: str


class ScreenUnfrozen(ScreenFact, frozen=True, kw_only=True):
    """Flashing again before its time."""

    KIND = Kind.SCREEN_UNFROZEN


class ScreenSeen(ScreenFact, frozen=True, kw_only=True):
    """It reports, for the first time or again."""

    KIND = Kind.SCREEN_SEEN


class ScreenDark(ScreenFact, frozen=True, kw_only=True):
    """It does not report any more."""

    KIND = Kind.SCREEN_DARK


class ScreenCutOff(ScreenFact, frozen=True, kw_only=True):
    """It alone had no data in that stretch of real time."""

    KIND = Kind.SCREEN_CUT_OFF
    from_real: str
    to_real: str


class UserFact(Payload, frozen=True, kw_only=True):
    """What an event says of somebody with an account."""


class UserAdded(UserFact, frozen=True, kw_only=True):
    """A person may log in."""

    KIND = Kind.USER_ADDED
    role: str
    agency: str | None = None


class UserChanged(UserFact, frozen=True, kw_only=True):
    """Which of name, role and agency were set anew, and the last two as they are now."""

    KIND = Kind.USER_CHANGED
    changed: Sequence[str]
    role: str
    agency: str | None = None


class UserInvited(UserFact, frozen=True, kw_only=True):
    """Password and log-ins are void; a one-time link sets another password until then, real time."""

    KIND = Kind.USER_INVITED
    until_real: str


class UserPasswordSet(UserFact, frozen=True, kw_only=True):
    """A new password."""

    KIND = Kind.USER_PASSWORD_SET


class UserLoggedOut(UserFact, frozen=True, kw_only=True):
    """All log-ins and tokens ended."""

    KIND = Kind.USER_LOGGED_OUT


class UserDisabled(UserFact, frozen=True, kw_only=True):
    """The account was disabled."""

    KIND = Kind.USER_DISABLED


class UserEnabled(UserFact, frozen=True, kw_only=True):
    """It was enabled again."""

    KIND = Kind.USER_ENABLED


class UserRemoved(UserFact, frozen=True, kw_only=True):
    """It was removed for ever."""

    KIND = Kind.USER_REMOVED


class UserTokenGiven(UserFact, frozen=True, kw_only=True):
    """A bearer token for the person's programs, by its id."""

    KIND = Kind.USER_TOKEN_GIVEN
    token: str


class UserTokenRevoked(UserFact, frozen=True, kw_only=True):
    """That token was revoked."""

    KIND = Kind.USER_TOKEN_REVOKED
    token: str


class UserFactorSet(UserFact, frozen=True, kw_only=True):
    """A second factor was set up, the first or another."""

    KIND = Kind.USER_FACTOR_SET


class UserFactorRemoved(UserFact, frozen=True, kw_only=True):
    """It was taken away."""

    KIND = Kind.USER_FACTOR_REMOVED


class UserRecoveryRenewed(UserFact, frozen=True, kw_only=True):
    """Ten new recovery codes."""

    KIND = Kind.USER_RECOVERY_RENEWED


class UserRecoveryUsed(UserFact, frozen=True, kw_only=True):
    """One was used; so many are left."""

    KIND = Kind.USER_RECOVERY_USED
    left: int


ScreenPayload = (
    ScreenPaired
    | ScreenChanged
    | ScreenRevoked
    | ScreenFrozen
    | ScreenUnfrozen
    | ScreenSeen
    | ScreenDark
    | ScreenCutOff
)
UserPayload = (
    UserAdded
    | UserChanged
    | UserInvited
    | UserPasswordSet
    | UserLoggedOut
    | UserDisabled
    | UserEnabled
    | UserRemoved
    | UserTokenGiven
    | UserTokenRevoked
    | UserFactorSet
    | UserFactorRemoved
    | UserRecoveryRenewed
    | UserRecoveryUsed
)
AccountPayload = SourceChanged | ScreenPayload | UserPayload
