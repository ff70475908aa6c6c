"""The payment provider: answers after a while with yes or no, or not at all."""

from dataclasses import dataclass

from shop.faults import Refused

CARD_ANSWERS_S = 0.4


@dataclass
class Answer:
    """`after_s` None: the provider never answers."""

    after_s: float | None
    refusal: str | None = None


CARDS = {
    "4000000000000002": "The card was declined.",
    "4000000000009995": "There is not enough money on the card.",
    "4000000000000069": "The card has expired.",
    "4000000000009979": "The card was reported stolen.",
}

BANKS = {
    "Banco Rápido": Answer(0.5),
    "Banco Lento": Answer(1.1),
    "Banco Estricto": Answer(0.7, "The bank refused the transfer."),
    "Banco Mudo": Answer(None),
}


def passes_luhn(digits):
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def by_card(number):
    digits = number.replace(" ", "")
    if not (
        digits.isascii() and digits.isdigit() and 13 <= len(digits) <= 19 and passes_luhn(digits)
    ):
        raise Refused("This is not a card number.")
    return Answer(CARD_ANSWERS_S, CARDS.get(digits))


def by_transfer(bank):
    if bank not in BANKS:
        raise Refused("Please choose a bank.")
    return BANKS[bank]
