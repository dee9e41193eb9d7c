"""Whom a machine may call: numbers as citizens and others write them, read in the city's country; a table."""

import pytest

from liveroom.courier.webhook import call_rules
from liveroom.domain.phones import KINDS, NotCallable, is_given_out, phone_key
from liveroom.runtime.config import GatewaySettings
from liveroom.runtime.errors import ConfigError
from tests.rooms.packs import city

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CALLED = "called"
NUMBER, COUNTRY, KIND = NotCallable.NUMBER.value, NotCallable.COUNTRY.value, NotCallable.KIND.value

IN_TANGERANG = {
    # As people here write a mobile number.
    "081234567890": CALLED,
    "0812-3456-7890": CALLED,
    "(0812) 3456 7890": CALLED,
    "+62 812 3456 7890": CALLED,
    "62812 3456 7890": CALLED,
    "tel:+62-812-3456-7890": CALLED,
    "0812 3456 7890 ext. 99": CALLED,  # the extension is dialled by nobody
    "+6281234567890x5": CALLED,
    "0812３４５６７８９０": CALLED,  # digits of other keyboards
    "٠٨١٢٣٤٥٦٧٨٩٠": CALLED,
    "\u200e+62\u00a0812\u20113456\u20117890\u202c": CALLED,
    # In the country, and not to be called by a machine.
    "021 5551234": KIND,
    "0800 1 234567": KIND,
    "0809 1 234567": KIND,  # premium rate
    "08091234567": KIND,
    "1500 123": KIND,
    "0177 123 456": KIND,
    "0868 1234567": KIND,  # a satellite telephone, which the country counts as mobile
    "+62 868 123456": KIND,
    # Not in the country.
    "+65 8123 4567": COUNTRY,
    "+1 212 555 1234": COUNTRY,
    "+1 900 234 5678": COUNTRY,  # premium rate
    "+1 876 555 1234": COUNTRY,  # Jamaica, by a number that looks like home to a North American
    "+44 7797 712345": COUNTRY,  # Jersey
    "+7 940 123-45-67": COUNTRY,
    "+372 601 2345": COUNTRY,
    "+882 16 1234 5678": COUNTRY,  # satellite and other networks of no country
    "+881 6 1234 5678": COUNTRY,
    "+870 773 111 632": COUNTRY,
    "+979 123 456 789": COUNTRY,  # premium rate of the world
    "+800 1234 5678": COUNTRY,
    # No number.
    "112": NUMBER,
    "14045": NUMBER,
    "0900 123 456": NUMBER,
    "001 17 6285 812345678": NUMBER,
    "00 1 900 234 5678": NUMBER,
    "0812345678901234": NUMBER,
    "+6281234567890;phone-context=+1": NUMBER,
    "+6281234567890\r\nTo: +882161234567": NUMBER,
    "*21*+8821612345678#": NUMBER,
    "+62" + "8" * 40: NUMBER,
    "8" * 300: NUMBER,
    "0812" * (1024 * 256): NUMBER,
    "+" * (1024 * 1024) + "6281234567890": NUMBER,
    "nol delapan satu dua": NUMBER,
    "": NUMBER,
}


@pytest.mark.parametrize("written", IN_TANGERANG, ids=lambda text: ascii(text[:24]))
def test_in_tangerang_mobile_numbers_of_the_country_are_called(written: str) -> None:
    rules = call_rules(GatewaySettings(), city("tangerang"))
    key = phone_key(written, "ID") or ""
    assert (rules.refusal(key) or CALLED) == IN_TANGERANG[written]
    # What is called is plain: nothing of what was written around the number gets to the gateway.
    assert IN_TANGERANG[written] != CALLED or key == "+6281234567890"


def test_the_form_takes_what_is_a_number_anywhere() -> None:
    taken = [written for written in IN_TANGERANG if is_given_out(phone_key(written, "ID"))]
    assert taken == [written for written, said in IN_TANGERANG.items() if said != NUMBER]


@pytest.mark.parametrize(
    "key", ["081234567890", "+62 81234567890", "+6281234567890;ext=5", "+6281234567890 ", "+", "\x00"]
)
def test_only_the_one_form_is_called_whatever_stands_in_a_row(key: str) -> None:
    assert call_rules(GatewaySettings(), city("tangerang")).refusal(key) is NotCallable.NUMBER


def test_another_city_calls_its_own_country() -> None:
    rules = call_rules(GatewaySettings(), city("newyork"))
    said = {written: rules.refusal(phone_key(written, "US") or "") for written in ("212-555-1234", "+6281234567890")}
    assert said == {"212-555-1234": None, "+6281234567890": NotCallable.COUNTRY}
    costly = ("+19002345678", "+18885551234", "+15005550006", "+18095551234")
    assert [rules.refusal(key) for key in costly] == [NotCallable.KIND] * 3 + [NotCallable.COUNTRY]


def test_settings_let_more_in_and_keep_more_out_but_never_what_may_earn_somebody_money() -> None:
    here = city("tangerang")
    wider = call_rules(GatewaySettings(countries=("ID", "SG"), kinds=("mobile", "fixed_line"), never=("+62812",)), here)
    assert [wider.refusal(key) for key in ("+6581234567", "+62215551234", "+6281234567890", "+12125551234")] == [
        None,
        None,
        NotCallable.KIND,
        NotCallable.COUNTRY,
    ]
    everything = call_rules(GatewaySettings(kinds=tuple(KINDS), countries=("ID", "US")), here)
    for key in ("+628091234567", "+19002345678", "+979123456789", "+8821612345678", "+15005550006"):
        assert everything.refusal(key) is not None


def test_a_city_of_no_country_has_to_say_whom_its_gateway_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = city("tangerang")
    monkeypatch.setattr(type(nowhere), "region", "")
    set_up = GatewaySettings(url="https://pesan.example", secret=SECRET)
    with pytest.raises(ConfigError, match=r"gateway\.countries: is required"):
        call_rules(set_up, nowhere)
    assert call_rules(GatewaySettings(), nowhere).refusal("+6281234567890") is NotCallable.COUNTRY
    assert call_rules(GatewaySettings(countries=("ID",)), nowhere).refusal("+6281234567890") is None
