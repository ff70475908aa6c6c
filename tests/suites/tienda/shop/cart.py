"""The cart of a visitor: lines that reserve stock, one voucher, shipping, the total."""

import secrets
from dataclasses import dataclass

from shop import catalog, mail
from shop.faults import NotFound, Refused

RESERVED_FOR_S = 15 * 60
MOST_PER_LINE = 20
DAY_S = 24 * 60 * 60

# country: (shipping, free from this sum after discount, or None)
SHIPPING = {
    "Spain": (490, 5000),
    "Canary Islands": (990, 15000),
    "Portugal": (690, 8000),
    "France": (1250, None),
    "Germany": (1490, None),
}


@dataclass
class Totals:
    subtotal: int
    discount: int
    shipping: int
    total: int


def lines(shop, session):
    return shop.store.all(
        "SELECT l.quantity, p.* FROM line l JOIN product p USING (sku)"
        " WHERE l.session = ? ORDER BY l.rowid",
        session,
    )


def available(shop, sku, session):
    """Pieces in stock that no other visitor has in a cart at present."""
    row = shop.store.one(
        "SELECT p.stock - coalesce(sum(l.quantity), 0) AS free FROM product p LEFT JOIN line l"
        " ON l.sku = p.sku AND l.session <> ? AND l.reserved_until > ? WHERE p.sku = ?",
        session,
        shop.store.now(),
        sku,
    )
    return max(row["free"], 0)


def put(shop, session, sku, quantity, add=False):
    """Set a line's quantity, or add to it; 0 takes the line out."""
    product = catalog.product(shop, sku)
    if not product:
        raise NotFound(f"There is no product {sku}.")
    held = shop.store.one("SELECT quantity FROM line WHERE session = ? AND sku = ?", session, sku)
    if held and (add or shop.is_broken("cart")):
        quantity += held["quantity"]
    if not 0 <= quantity <= MOST_PER_LINE:
        raise Refused(f"Please choose between 0 and {MOST_PER_LINE} pieces.")
    free = available(shop, sku, session)
    if quantity > free:
        raise Refused(
            f"Only {free} left of {product['name']}." if free else f"{product['name']} is sold out."
        )
    if quantity == 0:
        shop.store.run("DELETE FROM line WHERE session = ? AND sku = ?", session, sku)
    else:
        shop.store.run(
            "INSERT INTO line VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET quantity = excluded.quantity,"
            " reserved_until = excluded.reserved_until",
            session,
            sku,
            quantity,
            shop.store.now() + RESERVED_FOR_S,
        )


def empty(shop, session):
    shop.store.run("DELETE FROM line WHERE session = ?", session)
    shop.store.run("UPDATE session SET voucher = NULL WHERE id = ?", session)


def save(shop, session, email, base_url):
    """Mail a link that brings these lines into the cart of whoever opens it."""
    token = secrets.token_urlsafe(16)
    email = mail.check_address(email)
    shop.store.run(
        "INSERT INTO saved_line SELECT ?, sku, quantity FROM line WHERE session = ?", token, session
    )
    mail.send(shop, email, "Your cart", f"Go on where you left off:\n{base_url}/saved/{token}\n")


def restore(shop, session, token):
    saved = shop.store.all("SELECT * FROM saved_line WHERE token = ?", token)
    if not saved:
        raise NotFound("There is no such cart.")
    for line in saved:
        put(
            shop, session, line["sku"], min(line["quantity"], available(shop, line["sku"], session))
        )


def use_voucher(shop, session, code):
    voucher = shop.store.one("SELECT * FROM voucher WHERE code = ?", code.strip().upper())
    if not voucher:
        raise Refused("We do not know this voucher.")
    if shop.store.now() > shop.store.opened_at + voucher["days"] * DAY_S:
        raise Refused("This voucher has expired.")
    subtotal = sum(line["price"] * line["quantity"] for line in lines(shop, session))
    if subtotal < voucher["minimum"]:
        raise Refused(f"This voucher needs a cart of {catalog.euros(voucher['minimum'])} or more.")
    shop.store.run("UPDATE session SET voucher = ? WHERE id = ?", voucher["code"], session)


def _discount(voucher, cart_lines, subtotal):
    if not voucher or subtotal < voucher["minimum"]:
        return 0
    if voucher["kind"] == "amount":
        return min(voucher["value"], subtotal)
    if voucher["kind"] == "percent":
        base = sum(
            line["price"] * line["quantity"]
            for line in cart_lines
            if voucher["category"] in (None, line["category"])
        )
        return (base * voucher["value"] + 50) // 100
    return 0


def totals(shop, session, country="Spain"):
    cart_lines = lines(shop, session)
    voucher = shop.store.one(
        "SELECT v.* FROM session s JOIN voucher v ON v.code = s.voucher WHERE s.id = ?", session
    )
    subtotal = sum(line["price"] * line["quantity"] for line in cart_lines)
    discount = _discount(voucher, cart_lines, subtotal)
    shipping, free_from = SHIPPING[country]
    is_free = not cart_lines or (free_from is not None and subtotal - discount >= free_from)
    if is_free or (voucher and voucher["kind"] == "shipping"):
        shipping = 0
    return Totals(subtotal, discount, shipping, subtotal - discount + shipping)
