"""Sentences to be spoken: French and English from freely licensed documents, and small talk of meetings.

    python training/spoken_texts.py ROOT OUT

ROOT holds unpacked Debian packages (`apt-get download …; dpkg -x … ROOT`): message catalogues of wesnoth and freeciv, the
help of LibreOffice, GIMP and GNOME, debian-handbook, fortunes, bible-kjv-text. Writes OUT/en.txt and OUT/fr.txt, a
sentence a line, shuffled. Only what is made from them (weights) leaves the machine, never the texts or the speech.
"""

from __future__ import annotations

import argparse
import gettext
import html
import random
import re
from collections.abc import Iterator
from pathlib import Path

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÉÀÇÊÎÔ«\"'])")
_LETTERS = {
    "en": re.compile(r"^[A-Za-z ,;:.!?'\-]+$"),
    "fr": re.compile(r"^[A-Za-zàâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ ,;:.!?'\-]+$"),
}
_NOT_SPOKEN = re.compile(r"[A-Z]{3,}|[a-z][A-Z]|--|\b[b-hj-xzB-HJ-NP-XZ]\b(?!')")
_FRENCH = re.compile(
    r"\b(le|la|les|un|une|des|de|du|et|est|que|qui|vous|nous|je|il|elle|dans|pour|sur|pas|ne|ce|cette|au|en|on|avec|votre)\b"
    r"|[éèêàçùî]|[cdjlmnst]'",
    re.I,
)
_PER_SOURCE = 12_000
_TAGS = re.compile(r"<(?:p|li|dd|title|desc)\b[^>]*>(.*?)</(?:p|li|dd|title|desc)>", re.S)


def is_language(sentence: str, language: str) -> bool:
    """Catalogues hold untranslated sentences: French ones must have two French marks, English ones at most one."""
    marks = len(_FRENCH.findall(sentence))
    return marks >= 2 if language == "fr" else marks <= 1


def sentences(text: str, language: str) -> Iterator[str]:
    """Sentences of 2–30 words without digits, abbreviations or markup."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", text))
    text = text.replace("’", "'").replace("‘", "'").replace("\u00a0", " ").replace("\u202f", " ")
    text = re.sub(r"[«»\"“”()\[\]]", "", " ".join(text.split())).replace("…", "...")
    for part in _SENTENCE_END.split(text):
        part = " ".join(part.split())
        fits = 2 <= len(part.split()) <= 30 and 8 <= len(part) <= 180
        if fits and _LETTERS[language].match(part) and not _NOT_SPOKEN.search(part) and is_language(part, language):
            yield part


def from_catalogues(root: Path, pattern: str, language: str) -> Iterator[str]:
    for file in sorted(root.glob(pattern)):
        with file.open("rb") as stream:
            messages = gettext.GNUTranslations(stream)._catalog
        for key, value in messages.items():
            text = str(key[0] if isinstance(key, tuple) else key) if language == "en" else str(value)
            text = text.split("\x04")[-1].split("^")[-1]
            if not re.search(r"[%$|=]", text):
                yield from sentences(text, language)


def from_pages(root: Path, pattern: str, language: str) -> Iterator[str]:
    for file in sorted(root.glob(pattern))[:4000]:
        text = file.read_text(encoding="utf-8", errors="ignore")
        text = re.sub(r"<(pre|code|script|style)[^>]*>.*?</\1>", " ", text, flags=re.S)
        for paragraph in _TAGS.findall(text):
            yield from sentences(paragraph, language)


def from_fortunes(root: Path, pattern: str, language: str) -> Iterator[str]:
    for file in sorted(root.glob(pattern)):
        if file.suffix not in (".dat", ".u8"):
            for saying in file.read_text(encoding="utf-8", errors="ignore").split("\n%\n"):
                yield from sentences(saying.split("\t--")[0], language)


_PATTERNS = (
    ("en", from_catalogues, "usr/share/locale/fr/LC_MESSAGES/*.mo"),
    ("fr", from_catalogues, "usr/share/locale/fr/LC_MESSAGES/*.mo"),
    ("en", from_catalogues, "usr/share/games/wesnoth/**/fr/LC_MESSAGES/*.mo"),
    ("fr", from_catalogues, "usr/share/games/wesnoth/**/fr/LC_MESSAGES/*.mo"),
    ("en", from_pages, "usr/share/doc/debian-handbook/html/en-US/*.html"),
    ("fr", from_pages, "usr/share/doc/debian-handbook/html/fr-FR/*.html"),
    ("en", from_pages, "usr/share/help/C/**/*.page"),
    ("fr", from_pages, "usr/share/help/fr/**/*.page"),
    ("en", from_pages, "usr/share/gimp/2.0/help/en/**/*.html"),
    ("fr", from_pages, "usr/share/gimp/2.0/help/fr/**/*.html"),
    ("fr", from_pages, "usr/**/libreoffice/help/fr/**/*.html"),
    ("en", from_fortunes, "usr/share/games/fortunes/*"),
    ("fr", from_fortunes, "usr/share/games/fortunes/fr/*"),
)

_SMALL_TALK = {
    "en": (
        (("So", "Okay", "Well", "And", "Right"), ("I think", "we think", "I believe", "it seems", "I guess"),
         ("we should", "we need to", "you could", "they have to", "I can"),
         ("move", "start", "stop", "finish", "discuss", "cancel", "change", "review"),
         ("the meeting", "the project", "the call", "this point", "the budget", "the report", "the plan"),
         ("today.", "tomorrow.", "next week.", "on Monday.", "in the morning.", "before lunch.", "after the break.")),
        (("Can you", "Could you", "Would you", "Will you"),
         ("hear me?", "share your screen?", "send me the file?", "repeat that?", "mute yourself, please?", "help me with this?")),
        (("Thank you", "Thanks"), ("very much,", "everyone,", "for coming,", "for your time,", "for your help,"),
         ("see you", "talk to you"), ("soon.", "tomorrow.", "later.", "next time.", "on Friday.")),
        (("The price", "The total", "The number", "The answer"), ("is", "was", "will be"),
         ("two", "three", "five", "seven", "eleven", "twelve", "twenty", "thirty"),
         ("hundred.", "thousand.", "million.", "percent.", "euros.", "dollars.", "minutes.", "days.")),
    ),
    "fr": (
        (("Alors,", "Donc,", "Bon,", "Oui,", "Voilà,"), ("je pense qu'", "je crois qu'", "il me semble qu'", "on dirait qu'"),
         ("il faut", "on doit", "elle peut", "ils vont"),
         ("commencer", "finir", "changer", "annuler", "préparer", "regarder", "discuter"),
         ("la réunion", "le projet", "ce point", "le budget", "le rapport", "le plan"),
         ("aujourd'hui.", "demain.", "la semaine prochaine.", "lundi.", "ce matin.", "avant midi.", "après la pause.")),
        (("Est-ce que vous pouvez", "Pouvez-vous", "Tu peux", "Pourriez-vous"),
         ("m'entendre ?", "partager votre écran ?", "m'envoyer le fichier ?", "répéter ?", "parler plus fort ?", "m'aider ?")),
        (("Merci", "Merci beaucoup"), ("à tous,", "d'être venus,", "pour votre temps,", "pour votre aide,"),
         ("à bientôt.", "à demain.", "à la prochaine.", "au revoir.")),
        (("Le prix", "Le total", "Le nombre", "La réponse"), ("est de", "était de", "sera de"),
         ("deux", "trois", "cinq", "sept", "onze", "douze", "vingt", "trente"),
         ("cents.", "mille.", "millions.", "pour cent.", "euros.", "minutes.", "jours.")),
    ),
}


def small_talk(language: str, count: int, rng: random.Random) -> Iterator[str]:
    for _ in range(count):
        yield " ".join(rng.choice(choices) for choices in rng.choice(_SMALL_TALK[language])).replace("qu' ", "qu'")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    rng = random.Random(0)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for language in ("en", "fr"):
        chosen: dict[str, None] = dict.fromkeys(small_talk(language, 2500, rng))
        for source, read, pattern in _PATTERNS:
            if source == language:
                found = sorted(set(read(arguments.root, pattern, language)))
                rng.shuffle(found)
                print(f"{language} {pattern}: {len(found)}")
                chosen.update(dict.fromkeys(found[:_PER_SOURCE]))
        lines = list(chosen)
        rng.shuffle(lines)
        (arguments.out / f"{language}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{language}: {len(lines)} sentences")


if __name__ == "__main__":
    main()
