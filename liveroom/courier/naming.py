"""A complaint's codes in the city's words, for people who read a letter."""

from datetime import date, datetime

from liveroom.city.city import City
from liveroom.courier.outcome import line_of
from liveroom.domain.complaints.model import Complaint

DAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = {
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


def category_in(city: City, key: str, language: str) -> str:
    """The name of a category; one that nobody knows keeps the source's own word."""
    category = city.categories.get(key)
    if category is None:
        return line_of(key)
    return category.label_en or category.label if language == "en" else category.label


def class_in(city: City, key: str, language: str) -> str:
    """The name of a class."""
    class_ = city.classes.get(key)
    if class_ is None:
        return key
    return class_.label_en or class_.label if language == "en" else class_.label


def place_in(city: City, complaint: Complaint) -> str:
    """Area and district, or nothing."""
    area = city.areas.get(complaint.area or "")
    if area is None:
        return ""
    district = city.districts.get(area.district)
    return area.name if district is None else f"{area.name}, {district.name}"


def moment_in(city: City, moment: datetime, language: str) -> str:
    """``Kamis 26 Nov 2026 16.00 WIB``."""
    here = moment.astimezone(city.zone)
    day, month = DAYS[language][here.weekday()], MONTHS[language][here.month - 1]
    clock = f"{here:%H:%M}" if language == "en" else f"{here:%H.%M}"
    return f"{day} {here.day} {month} {here.year} {clock} {city.zone_label}"


def day_in(day: date, language: str) -> str:
    """``26 Nov 2026``."""
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"


def due_in(city: City, complaint: Complaint, language: str) -> str:
    """The earliest end of a running promise; nothing where none runs."""
    first = complaint.first_due
    return "" if first is None else moment_in(city, first[1].due, language)


def languages_of(city: City) -> tuple[str, ...]:
    """Those of the city's languages that letters are written in, its own first."""
    return tuple(language for language in city.languages if language in DAYS) or ("en",)
