"""Phone numbers as people write them, and which writings are the same number (E.164). Stored is what was written."""

from __future__ import annotations

import re

import phonenumbers

COUNTRIES = frozenset(phonenumbers.SUPPORTED_REGIONS)

# What people put between the digits of a phone number.
_WRITTEN = re.compile(r"[\d\s+()/.\-]*\d[\d\s+()/.\-]*", re.ASCII)
# Fewer digits than any number has that is dialled from abroad (ITU-T E.164): a part of one.
_LEAST_DIGITS = 7


def digits(written: str) -> str:
    """The digits alone; empty where it cannot be a phone number or a part of one."""
    return re.sub(r"\D", "", written, flags=re.ASCII) if _WRITTEN.fullmatch(written) else ""


def same_number(written: str, country: str | None) -> list[str]:
    """The digits of each way in which the same number is written; empty where it is not known which number it is.

    A number without a country code is one of `country` (ISO 3166). Without a country it is not known what a number
    that is stored without a country code means, so only digits can be compared.
    """
    if country is None or len(digits(written)) < _LEAST_DIGITS:
        return []
    number = _parsed(written, country)
    if number is None:
        return []
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    abroad = [code + national, "00" + code + national]
    inland = re.sub(r"\D", "", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))
    # +49 (0)30 … is a common way to write both at once.
    abroad += [code + inland, "00" + code + inland]
    if phonenumbers.country_code_for_region(country) != number.country_code:
        return list(dict.fromkeys(abroad))
    return list(dict.fromkeys([*abroad, inland, national]))


def to_international(written: str, country: str | None) -> str | None:
    """The number as it is dialled from anywhere, such as +49305550123; None where it is not known which one it is."""
    number = _parsed(written, country)
    return None if number is None else phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parsed(written: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(_with_plus(written), country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _with_plus(written: str) -> str:
    """00 is what most of the world dials before a country code, and no national number begins with it."""
    text = written.strip()
    return "+" + text[2:] if re.sub(r"[^\d+]", "", text).startswith("00") and text.startswith("00") else text
