"""Reduce text to comparable words: case, punctuation, apostrophes, œ and small numbers."""

from __future__ import annotations

import re

_EN_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_EN_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_FR_ONES = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "dix-sept dix-huit dix-neuf"
).split()
_FR_TENS = "_ _ vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt".split()


def _english_number(n: int) -> str:
    if n < 20:
        return _EN_ONES[n]
    if n < 100:
        return _EN_TENS[n // 10] + ("" if n % 10 == 0 else "-" + _EN_ONES[n % 10])
    head, unit, size = (n // 1000, "thousand", 1000) if n >= 1000 else (n // 100, "hundred", 100)
    rest = n % size
    return f"{_english_number(head)} {unit}" + ("" if rest == 0 else " " + _english_number(rest))


def _french_number(n: int) -> str:
    if n < 20:
        return _FR_ONES[n]
    if n < 100:
        tens, rest = divmod(n, 10)
        if tens in (7, 9):
            rest += 10
        if rest == 0:
            return "quatre-vingts" if tens == 8 else _FR_TENS[tens]
        joint = " et " if rest in (1, 11) and tens < 8 else "-"
        return _FR_TENS[tens] + joint + _FR_ONES[rest]
    head, unit, size = (n // 1000, "mille", 1000) if n >= 1000 else (n // 100, "cent", 100)
    rest = n % size
    first = unit if head == 1 else f"{_french_number(head)} {unit}"
    return first + ("" if rest == 0 else " " + _french_number(rest))


def spell_number(digits: str, language: str) -> str:
    """Digits as words: up to 9999 as one number, longer runs digit by digit."""
    if len(digits) > 4 or (len(digits) > 1 and digits[0] == "0"):
        return " ".join(spell_number(d, language) for d in digits)
    return _french_number(int(digits)) if language == "fr" else _english_number(int(digits))


def normalise_text(text: str, language: str) -> str:
    """Lower-case words separated by single spaces; an apostrophe ends its word ("l' eau")."""
    text = text.lower().replace("’", "'").replace("œ", "oe").replace("æ", "ae")
    text = re.sub(r"\d+", lambda m: f" {spell_number(m.group(), language)} ", text)
    text = re.sub(r"[^\w' ]+", " ", text)
    text = re.sub(r"\s*'\s*", "' ", text)
    return " ".join(text.split())
