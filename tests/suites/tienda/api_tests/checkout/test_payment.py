"""Ordering and paying over the API."""

import pytest


@pytest.mark.parametrize(
    "payment, status",
    [
        ({"card": "4242424242424242"}, "paid"),
        ({"card": "4000000000000002"}, "payment failed"),
        ({"bank": "Banco Rápido"}, "paid"),
    ],
)
def test_payment(ana, payment, status):
    ana.put("BOO-05", 1)
    order = ana.order(**payment)
    assert ana.status == 202
    assert ana.settled(order["number"])["status"] == status


def test_total_includes_shipping(ana):
    ana.put("STA-03", 2)
    order = ana.order({"country": "Portugal", "postcode": "1100-148", "city": "Lisboa"})
    assert (order["subtotal"], order["shipping"], order["total"]) == (1780, 690, 2470)


def test_guests_cannot_order(visitor):
    visitor.put("STA-03", 1)
    visitor.order()
    assert visitor.status == 401


def test_silent_bank_frees_the_stock(ana):
    ana.put("KIT-05", 1)
    number = ana.order(bank="Banco Mudo")["number"]
    order = ana.settled(number)
    assert order["reason"] == "The bank did not answer in time."
    assert ana.get("products/KIT-05")["stock"] == 1
