"""Categories, products, prices with their VAT."""

from shop import mail

PAGE_SIZE = 4
ORDERS = {"name": "name", "cheapest": "price, name", "dearest": "price DESC, name"}
REINDEX_AFTER_S = 0.4


def euros(cents):
    return f"{cents // 100}.{cents % 100:02d} €"


def vat_of(shop, category):
    if shop.is_broken("catalog"):
        return 21
    return shop.store.one("SELECT vat FROM category WHERE slug = ?", category)["vat"]


def vat_within(cents, rate):
    """The tax inside a price that includes it, rounded half up."""
    return (cents * rate * 2 + 100 + rate) // (2 * (100 + rate))


def categories(shop):
    return shop.store.all(
        "SELECT c.slug, c.name, count(p.sku) AS products FROM category c"
        " LEFT JOIN product p ON p.category = c.slug AND NOT p.withdrawn"
        " GROUP BY c.slug ORDER BY c.name"
    )


def category(shop, slug):
    return shop.store.one("SELECT * FROM category WHERE slug = ?", slug)


def products_in(shop, slug, order="name", page=1):
    """One page of a category, and how many pages there are."""
    rows = shop.store.all(
        "SELECT * FROM product WHERE category = ? AND NOT withdrawn ORDER BY "
        + ORDERS.get(order, "name"),
        slug,
    )
    pages = max(1, -(-len(rows) // PAGE_SIZE))
    page = min(max(page, 1), pages)
    return rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], pages


def product(shop, sku):
    return shop.store.one("SELECT * FROM product WHERE sku = ? AND NOT withdrawn", sku)


def related(shop, product_row):
    return shop.store.all(
        "SELECT * FROM product WHERE category = ? AND sku <> ? AND NOT withdrawn"
        " ORDER BY abs(price - ?), name LIMIT 3",
        product_row["category"],
        product_row["sku"],
        product_row["price"],
    )


def put_product(shop, product):
    """Add or replace a product, as the shop's staff does; search learns of it a moment later."""
    shop.store.connection.execute(
        "INSERT OR REPLACE INTO product (sku, name, category, description, price, stock)"
        " VALUES (:sku, :name, :category, :description, :price, :stock)",
        product,
    )
    shop.jobs.later(REINDEX_AFTER_S, "reindex")


def wish_for(shop, email, sku):
    """Remember to tell somebody when a product is back."""
    shop.store.run("INSERT OR IGNORE INTO wish VALUES (?, ?)", mail.check_address(email), sku)


def restock(shop, sku, stock):
    shop.store.run("UPDATE product SET stock = ? WHERE sku = ?", stock, sku)
    name = product(shop, sku)["name"]
    for wish in shop.store.all("SELECT email FROM wish WHERE sku = ?", sku):
        mail.send(shop, wish["email"], f"{name} is back", f"We have {stock} again.\n")
    shop.store.run("DELETE FROM wish WHERE sku = ?", sku)


def withdraw(shop, sku):
    shop.store.run("UPDATE product SET withdrawn = 1 WHERE sku = ?", sku)
    shop.jobs.later(REINDEX_AFTER_S, "reindex")
