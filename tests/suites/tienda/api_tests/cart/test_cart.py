"""The cart over the API."""


def test_quantity_is_set_not_added(visitor):
    visitor.put("STA-01", 2)
    cart = visitor.put("STA-01", 3)
    assert cart["lines"] == [{"sku": "STA-01", "quantity": 3, "price": 480}]
    assert cart["subtotal"] == 1440


def test_more_than_there_is(visitor):
    answer = visitor.put("KIT-04", 6)
    assert visitor.status == 409
    assert answer["error"] == "Only 5 left of Tetera de hierro."
