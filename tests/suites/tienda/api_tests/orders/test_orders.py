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


def test_shipped_order_cannot_be_cancelled(shop, ana):
    ana.put("TEA-02", 1)
    number = ana.settled(ana.order()["number"])["number"]
    shop.door("POST", "warehouse", order=number)
    shop.mail_to("ana@tienda.example", f"Your order {number} is on its way")
    ana.send("DELETE", f"orders/{number}")
    assert ana.status == 409
    assert ana.get(f"orders/{number}")["status"] == "shipped"
