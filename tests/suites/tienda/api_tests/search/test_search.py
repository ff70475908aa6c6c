"""Searching over the API."""

from testkit.running_shop import wait_until


def test_accents_do_not_matter(visitor):
    assert visitor.get("search", q="cafe") == visitor.get("search", q="Café")


def test_withdrawn_product_disappears(shop, visitor):
    assert len(visitor.get("search", q="sacapuntas")["products"]) == 1
    shop.door("DELETE", "products/STA-06")
    wait_until(
        lambda: not visitor.get("search", q="sacapuntas")["products"], "index without the product"
    )
    visitor.get("products/STA-06")
    assert visitor.status == 404


def test_new_product_is_found_by_its_description(shop, visitor):
    shop.door(
        "PUT",
        "products",
        sku="STA-07",
        name="Compás",
        category="stationery",
        description="For circles up to 40 cm.",
        price=1500,
        stock=3,
    )
    found = wait_until(
        lambda: visitor.get("search", q="circles")["products"], "index with the product"
    )
    assert [product["sku"] for product in found] == ["STA-07"]
