"""Which form a file has, by its first bytes; a name, an extension or a client's word for it counts for nothing."""

from liveroom.domain.complaints.proof import Form, Unfit

ENOUGH = 64
PNG = b"\x89PNG\r\n\x1a\n"
STILL_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
MOVING_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"3gp4", b"3gp5"}
)
EBML, DOCTYPE = b"\x1aE\xdf\xa3", b"webm"


def form_of(head: bytes) -> Form:
    """The form of a file that begins with ``head`` (64 bytes do). Raises Unfit: empty, or none that is taken."""
    if not head:
        raise Unfit("empty", "the file is empty")
    if head.startswith(b"\xff\xd8\xff"):
        return Form.JPEG
    if head.startswith(PNG):
        return Form.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Form.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in STILL_BRANDS:
        return Form.HEIC
    if head[4:8] == b"ftyp" and head[8:12] in MOVING_BRANDS:
        return Form.MP4
    if head.startswith(EBML) and DOCTYPE in head[:ENOUGH]:
        return Form.WEBM
    raise Unfit("form", "only photos (JPEG, PNG, WebP, HEIC) and videos (MP4, WebM) are taken")
