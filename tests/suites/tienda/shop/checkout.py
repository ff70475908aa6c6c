"""From a cart to a paid order: address, payment, and what happens when the provider answers."""

import os
import re

from shop import cart, catalog, mail
from shop.faults import NotFound, Refused

PAYMENT_EXPIRES_S = 1.2
WAREHOUSE_S = 0.35

POSTCODES = {
    "Spain": r"(?!35|38)(0[1-9]|[1-4]\d|5[0-2])\d{3}",
    "Canary Islands": r"(35|38)\d{3}",
    "Portugal": r"\d{4}-\d{3}",
    "France": r"\d{5}",
    "Germany": r"\d{5}",
}


def check_address(address):
    for field in ("name", "street", "city"):
        if not address.get(field, "").strip():
            raise Refused(f"Please fill in the {field}.")
    country = address.get("country", "")
    if country not in POSTCODES:
        raise Refused("We do not deliver to this country.")
    if not re.fullmatch(POSTCODES[country], address.get("postcode", "").strip()):
        raise Refused(f"This is not a postcode of {country}.")


def place(shop, session, email, address, choose_payment):
    """Order the cart. `choose_payment` gives the provider's answer or refuses at once."""
    cart_lines = cart.lines(shop, session)
    if not cart_lines:
        raise Refused("Your cart is empty.")
    check_address(address)
    answer = choose_payment()
    number = _record(shop, session, email, address, cart_lines)
    if answer.after_s is None:
        shop.jobs.later(PAYMENT_EXPIRES_S, "expiry", number=number)
    else:
        shop.jobs.later(answer.after_s, "payment", number=number, refusal=answer.refusal)
    return number


def _record(shop, session, email, address, cart_lines):
    totals = cart.totals(shop, session, address["country"])
    total = totals.total - totals.shipping if shop.is_broken("checkout") else totals.total
    label = f"{address['name']}, {address['street']}, {address['postcode']} {address['city']}"
    number = shop.store.run(
        "INSERT INTO purchase (email, session, placed_at, status, address, country, subtotal, discount, shipping, total)"
        " VALUES (?, ?, ?, 'waiting for payment', ?, ?, ?, ?, ?, ?)",
        email,
        session,
        shop.store.now(),
        label,
        address["country"],
        totals.subtotal,
        totals.discount,
        totals.shipping,
        total,
    ).lastrowid
    for line in cart_lines:
        shop.store.run(
            "INSERT INTO purchase_line (number, sku, name, quantity, price, vat) VALUES (?, ?, ?, ?, ?, ?)",
            number,
            line["sku"],
            line["name"],
            line["quantity"],
            line["price"],
            catalog.vat_of(shop, line["category"]),
        )
    return number


def order(shop, number):
    row = shop.store.one("SELECT * FROM purchase WHERE number = ?", number)
    if not row:
        raise NotFound(f"There is no order {number}.")
    return row


def order_lines(shop, number):
    return shop.store.all("SELECT * FROM purchase_line WHERE number = ? ORDER BY rowid", number)


def set_status(shop, number, status, reason=None):
    shop.store.run(
        "UPDATE purchase SET status = ?, reason = ? WHERE number = ?", status, reason, number
    )


def payment_answered(shop, job):
    if "crash" in shop.broken:
        os._exit(70)
    row = order(shop, job["number"])
    if row["status"] != "waiting for payment":  # cancelled meanwhile: the answer comes too late
        return
    if job["refusal"]:
        set_status(shop, row["number"], "payment failed", job["refusal"])
        return
    _accept(shop, row)


def _accept(shop, row):
    for line in order_lines(shop, row["number"]):
        shop.store.run(
            "UPDATE product SET stock = stock - ? WHERE sku = ?", line["quantity"], line["sku"]
        )
    cart.empty(shop, row["session"])
    set_status(shop, row["number"], "paid")
    listing = "\n".join(
        f"{line['quantity']} x {line['name']}" for line in order_lines(shop, row["number"])
    )
    mail.send(
        shop,
        row["email"],
        f"Your order {row['number']}",
        f"Thank you for your order.\n\n{listing}\n\nTotal {catalog.euros(row['total'])}\nTo {row['address']}\n",
    )


def payment_expired(shop, job):
    if order(shop, job["number"])["status"] == "waiting for payment":
        set_status(shop, job["number"], "payment failed", "The bank did not answer in time.")


def hand_to_warehouse(shop, number):
    if order(shop, number)["status"] != "paid":
        raise Refused("Only paid orders are sent.")
    set_status(shop, number, "in the warehouse")
    shop.jobs.later(WAREHOUSE_S, "shipment", number=number)


def shipped(shop, job):
    row = order(shop, job["number"])
    set_status(shop, row["number"], "shipped")
    shop.store.run(
        "UPDATE purchase SET shipped_at = ? WHERE number = ?", shop.store.now(), row["number"]
    )
    mail.send(
        shop,
        row["email"],
        f"Your order {row['number']} is on its way",
        f"Parcel ES{row['number']:08d} left our warehouse today.\n",
    )
