"""Orders after the payment, over the API."""

from testkit.client import Client


def test_cancelled_order_is_refunded(shop, ana):
    ana.put("CAF-03", 2)
    number = ana.settled(ana.order()["number"])["number"]
    order = ana.send("DELETE", f"orders/{number}")
    assert order["status"] == "cancelled" and order["refunded"] == order["total"] == 1940
    mail = shop.mail_to("ana@tienda.example", f"Refund for order {number}")
    assert "19.40 €" in mail["body"]


def test_orders_are_private(shop, ana):
    ana.put("CAF-03", 1)
    number = ana.order()["number"]
    bruno = Client(shop.url, "bruno@tienda.example")
    bruno.get(f"orders/{number}")
    assert bruno.status == 404
    assert bruno.get("orders") == {"orders": []}
