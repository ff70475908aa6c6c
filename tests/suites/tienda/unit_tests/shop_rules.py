"""The rules that need no running shop: what a pipeline asks first, as it takes no time."""

import unittest

from shop.accounts import check_password, hash_password, is_password
from shop.catalog import euros, vat_within
from shop.checkout import check_address
from shop.faults import Refused


class Prices(unittest.TestCase):
    def test_cents_are_shown_as_euros(self):
        self.assertEqual([euros(cents) for cents in (5, 100, 123456)], ["0.05 €", "1.00 €", "1234.56 €"])

    def test_the_tax_inside_a_price_is_rounded_half_up(self):
        self.assertEqual(vat_within(12100, 21), 2100)
        self.assertEqual(vat_within(105, 10), 10)


class Passwords(unittest.TestCase):
    def test_weak_ones_are_refused(self):
        for password in ("short", "aaaaaaaaaaaaaa", "password123"):
            with self.subTest(password), self.assertRaises(Refused):
                check_password(password)

    def test_what_was_hashed_is_known_again(self):
        self.assertTrue(is_password("correct horse", hash_password("correct horse")))
        self.assertFalse(is_password("correct house", hash_password("correct horse")))


class Addresses(unittest.TestCase):
    def test_a_postcode_belongs_to_its_country(self):
        address = {"name": "Ana", "street": "Calle Mayor 1", "city": "Madrid", "country": "Spain", "postcode": "28013"}
        check_address(address)
        with self.assertRaises(Refused):
            check_address({**address, "postcode": "X"})


if __name__ == "__main__":
    unittest.main()
