"""Products over the API."""

import pytest


def test_page_of_a_category(visitor):
    first = visitor.get("products", category="kitchen", order="cheapest")
    second = visitor.get("products", category="kitchen", order="cheapest", page=2)
    assert first["pages"] == 2
    prices = [product["price"] for product in first["products"] + second["products"]]
    assert prices == sorted(prices) and len(prices) == 6


@pytest.mark.parametrize(
    "sku, rate, vat", [("BOO-02", 4, 46), ("TEA-03", 10, 29), ("KIT-03", 21, 148)]
)
def test_vat(visitor, sku, rate, vat):
    product = visitor.get(f"products/{sku}")
    assert (product["vat_rate"], product["vat"]) == (rate, vat)
