"""Searching over the API."""

from testkit.running_shop import wait_until


def test_accents_do_not_matter(visitor):
    assert visitor.get("search", q="cafe") == visitor.get("search", q="Café")


def test_withdrawn_product_disappears(shop, visitor):
    assert len(visitor.get("search", q="sacapuntas")["products"]) == 1
    shop.door("DELETE", "products/STA-06")
    wait_until(lambda: not visitor.get("search", q="sacapuntas")["products"], "index without the product")
    visitor.get("products/STA-06")
    assert visitor.status == 404
