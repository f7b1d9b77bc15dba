"""python -m unittest discover -s training -p '*_test.py'"""

from __future__ import annotations

import unittest

from match_texts import Book, best_span, letters_of, prose, whole_words

POEM = """  L'ALBATROS

  Souvent, pour s'amuser, les hommes d'équipage
  Prennent des albatros, vastes oiseaux des mers,
  Qui suivent, indolents compagnons de voyage,
  Le navire glissant sur les gouffres amers.

  A peine les ont-ils déposés sur les planches,
"""
OTHER = """Rubens, fleuve d'oubli, jardin de la paresse,
Oreiller de chair fraîche où l'on ne peut aimer,
Léonard de Vinci, miroir profond et sombre,
"""


class MatchTest(unittest.TestCase):
    def test_verse_becomes_prose_and_names_keep_their_capital(self) -> None:
        common = {"prennent", "oreiller"}
        self.assertEqual(prose(POEM, common | {"qui", "le", "a"})[:72], "Souvent, pour s'amuser, les hommes d'équipage prennent des albatros, vas")
        self.assertIn("gouffres amers. A peine", prose(POEM, {"a"}))
        self.assertIn("paresse, oreiller", prose(OTHER, common))
        self.assertIn("aimer, Léonard", prose(OTHER, common))

    def test_letters_know_their_place(self) -> None:
        letters, places = letters_of("L'œil, déjà!")
        self.assertEqual(letters.strip(), "leil deja")
        self.assertEqual([places[letters.index(c)] for c in "ldj"], [0, 7, 9])

    def test_a_span_is_found_where_fewest_letters_differ(self) -> None:
        self.assertEqual(best_span("bcd", "aabcdaa"), (2, 5, 0))
        begin, end, errors = best_span("vaste oiso des mer", letters_of(prose(POEM, set()))[0])
        self.assertEqual(letters_of(prose(POEM, set()))[0][begin:end], "vastes oiseaux des mer")
        self.assertEqual(errors, 5)

    def test_spans_end_at_words(self) -> None:
        book = "les hommes prennent"
        self.assertEqual([book[slice(*whole_words(book, *span))] for span in ((5, 9), (4, 15))], ["hommes", "hommes prennent"])

    def test_what_was_heard_wrong_becomes_what_was_read(self) -> None:
        book = Book([POEM, OTHER])
        self.assertEqual(book.find("Prenne des zalbatros, vaste oiseau des mères"), "Prennent des albatros, vastes oiseaux des mers")
        self.assertEqual(book.find("Rubens, flove, d'oubli, jardin de la paresse"), "Rubens, fleuve d'oubli, jardin de la paresse")
        self.assertIsNone(book.find("Cet enregistrement fait partie du domaine public."))
        self.assertIsNone(book.find("Fin."))


if __name__ == "__main__":
    unittest.main()
