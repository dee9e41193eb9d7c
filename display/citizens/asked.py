"""What the browser of a citizen asks: its form within bounds, its language, and whether a script is asking."""

import re
from collections.abc import Mapping

from flask import request

from liveroom.city.city import City
from liveroom.domain.complaints.intake import ADDRESS, DESCRIPTION, Report, report_of
from liveroom.domain.phones import is_given_out, phone_key
from liveroom.domain.requests import Malformed
from liveroom.runtime.time import system_now

LARGEST = 64 * 1024
SHORTEST = 5
LONGEST_PHONE = 32
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,4}")
FILE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_FILES = 3
# A field of ours that no person sees.
TRAP = "website"
# What a point is wrong with is said where places are asked for.
OF_FORM = {"lat": "area", "lon": "area"}


def form() -> Mapping[str, str]:
    """The fields of the form. Raises RequestEntityTooLarge above 64 KiB."""
    request.max_content_length = request.max_form_memory_size = LARGEST
    return {key: value.strip() for key, value in request.form.items()}


def by_script() -> bool:
    """Whether the answer is for a script of ours rather than for a browser to show."""
    return request.accept_mimetypes.best == "application/json"


def report_from(fields: Mapping[str, str], city: City, kind: str, *, by_phone: bool) -> Report:
    """The report of a form; ``by_phone``: a machine writes to the number.

    Raises Malformed naming the form's field, with ``.long`` or ``.odd`` behind it where that is what is wrong.
    """
    if fields.get("category") not in city.categories:
        raise Malformed("category", "is not chosen")
    if len(fields.get("address", "")) > ADDRESS:
        raise Malformed("address.long", f"may have at most {ADDRESS} characters")
    said: dict[str, object] = {"source_id": "-", "category": fields["category"]}
    said |= {"description": _description(fields, city), "address": fields.get("address", "")}
    if fields.get("area"):
        if fields["area"] not in city.areas:
            raise Malformed("area", "is no area of the city")
        said["area"] = fields["area"]
    if fields.get("lat") or fields.get("lon"):
        said |= {"lat": _number(fields, "lat"), "lon": _number(fields, "lon")}
    if "area" not in said and "lat" not in said and not said["address"]:
        raise Malformed("area", "say where it is")
    said["person"] = _person(fields, city, by_phone=by_phone)
    try:
        return report_of(said, system_now(), kind)
    except Malformed as no:
        raise Malformed(OF_FORM.get(no.field, f"{no.field}.odd"), no.message) from no


def files_from(fields: Mapping[str, str]) -> tuple[str, ...]:
    """The ids of the pictures that go with it."""
    return tuple(one for one in fields.get("files", "").split(",")[:MOST_FILES] if FILE.fullmatch(one))


def _description(fields: Mapping[str, str], city: City) -> str:
    text = fields.get("description", "").replace("\r\n", "\n")
    if len(text) > DESCRIPTION:
        raise Malformed("description.long", f"may have at most {DESCRIPTION} characters")
    if fields.get("alike") and not text:
        return city.categories[fields["category"]].label
    if len(text) < SHORTEST:
        raise Malformed("description", "says too little")
    return text


def _number(fields: Mapping[str, str], name: str) -> float:
    try:
        return float(fields.get(name, ""))
    except ValueError as error:
        raise Malformed("area", "is no place") from error


def _person(fields: Mapping[str, str], city: City, *, by_phone: bool) -> dict[str, str] | None:
    phone, email = fields.get("phone", ""), fields.get("email", "")
    key = phone_key(phone, city.region) if len(phone) <= LONGEST_PHONE else None
    if phone and (key is None or (by_phone and not is_given_out(key))):
        raise Malformed("phone", "is no telephone number")
    if email and not EMAIL.fullmatch(email):
        raise Malformed("email", "is no e-mail address")
    return {"phone": phone, "email": email} if phone or email else None
