"""What a customer does with an order afterwards: look at it, cancel it, send things back."""

from shop import catalog, checkout, invoice, mail
from shop.faults import NotFound, Refused

RETURN_WITHIN_S = 14 * 24 * 60 * 60
REASONS = ("damaged", "wrong item", "changed my mind")


def history(shop, email):
    return shop.store.all("SELECT * FROM purchase WHERE email = ? ORDER BY number DESC", email)


def own(shop, email, number):
    """The order, if it is this customer's; other people's orders do not exist for them."""
    row = checkout.order(shop, number)
    if row["email"] != email:
        raise NotFound(f"There is no order {number}.")
    return row


def cancel(shop, email, number):
    row = own(shop, email, number)
    if row["status"] == "waiting for payment":
        checkout.set_status(shop, number, "cancelled")
        return
    if row["status"] != "paid":
        raise Refused("This order cannot be cancelled any more.")
    for line in checkout.order_lines(shop, number):
        shop.store.run(
            "UPDATE product SET stock = stock + ? WHERE sku = ?", line["quantity"], line["sku"]
        )
    checkout.set_status(shop, number, "cancelled")
    if not shop.is_broken("orders"):
        _refund(shop, row, row["total"])


def _refund(shop, row, cents):
    shop.store.run(
        "UPDATE purchase SET refunded = refunded + ? WHERE number = ?", cents, row["number"]
    )
    mail.send(
        shop,
        row["email"],
        f"Refund for order {row['number']}",
        f"We sent {catalog.euros(cents)} back to you.\n",
    )


def send_back(shop, email, number, sku, quantity, reason):
    """Take pieces of one line back; shipping is refunded when all returns by our fault."""
    row = own(shop, email, number)
    if row["status"] not in ("shipped", "partly returned"):
        raise Refused("Only what was delivered can be sent back.")
    if shop.store.now() > row["shipped_at"] + RETURN_WITHIN_S:
        raise Refused("The 14 days for returns are over.")
    if reason not in REASONS:
        raise Refused("Please choose a reason.")
    line = shop.store.one("SELECT * FROM purchase_line WHERE number = ? AND sku = ?", number, sku)
    if not line or not 1 <= quantity <= line["quantity"] - line["returned"]:
        raise Refused("That is more than you bought.")
    shop.store.run(
        "UPDATE purchase_line SET returned = returned + ? WHERE number = ? AND sku = ?",
        quantity,
        number,
        sku,
    )
    _settle_return(shop, row, line, quantity, reason)


def _settle_return(shop, row, line, quantity, reason):
    kept = sum(
        rest["quantity"] - rest["returned"] for rest in checkout.order_lines(shop, row["number"])
    )
    value = line["price"] * quantity
    cents = value - row["discount"] * value // row["subtotal"]
    if kept == 0 and reason != "changed my mind":
        cents += row["shipping"]
    if reason != "damaged":
        shop.store.run("UPDATE product SET stock = stock + ? WHERE sku = ?", quantity, line["sku"])
    checkout.set_status(shop, row["number"], "partly returned" if kept else "returned")
    _refund(shop, row, cents)


def invoice_of(shop, email, number):
    row = own(shop, email, number)
    if row["status"] in ("waiting for payment", "payment failed", "cancelled"):
        raise Refused("There is no invoice for this order.")
    return invoice.render(row, checkout.order_lines(shop, number))
