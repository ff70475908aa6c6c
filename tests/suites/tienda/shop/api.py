"""The JSON API: what the pages offer, for programs. A bearer token is the session."""

from shop import accounts, cart, catalog, checkout, orders, payment, search
from shop.web import ensure_session, json_answer, route, who


def fault(status, message):
    return json_answer({"error": message}, status)


def refusal(shop, request, message):
    return fault(409, message)


def _product(row):
    return {
        "sku": row["sku"],
        "name": row["name"],
        "category": row["category"],
        "price": row["price"],
        "stock": row["stock"],
    }


@route("GET", "/api/products")
def products(shop, request):
    category = request.query.get("category", "coffee")
    if not catalog.category(shop, category):
        return fault(404, f"There is no category {category}.")
    rows, pages = catalog.products_in(
        shop, category, request.query.get("order", "name"), int(request.query.get("page", 1))
    )
    return json_answer({"products": [_product(row) for row in rows], "pages": pages})


@route("GET", r"/api/products/(?P<sku>[\w-]+)")
def product(shop, request, sku):
    row = catalog.product(shop, sku)
    if not row:
        return fault(404, f"There is no product {sku}.")
    rate = catalog.vat_of(shop, row["category"])
    return json_answer(
        {**_product(row), "vat_rate": rate, "vat": catalog.vat_within(row["price"], rate)}
    )


@route("GET", "/api/search")
def find(shop, request):
    query = request.query.get("q", "")
    most = request.query.get("most")
    rows = search.find(
        shop,
        query,
        request.query.get("category"),
        int(most) if most else None,
        request.query.get("in_stock") == "yes",
    )
    return json_answer(
        {"products": [_product(row) for row in rows], "suggestion": shop.index.suggestion(query)}
    )


@route("POST", "/api/session")
def session(shop, request):
    token = ensure_session(shop, request)
    if request.json:
        email = accounts.log_in(shop, request.json["email"], request.json["password"])
        shop.store.run("UPDATE session SET email = ? WHERE id = ?", email, token)
    return json_answer({"token": token}, 201)


def _cart(shop, request):
    token = ensure_session(shop, request)
    totals = cart.totals(shop, token, request.query.get("country", "Spain"))
    lines = [
        {"sku": line["sku"], "quantity": line["quantity"], "price": line["price"]}
        for line in cart.lines(shop, token)
    ]
    return json_answer({"lines": lines, **vars(totals)})


@route("GET", "/api/cart")
def show_cart(shop, request):
    return _cart(shop, request)


@route("PUT", r"/api/cart/(?P<sku>[\w-]+)")
def put_line(shop, request, sku):
    cart.put(shop, ensure_session(shop, request), sku, int(request.json["quantity"]))
    return _cart(shop, request)


@route("PUT", "/api/voucher")
def put_voucher(shop, request):
    cart.use_voucher(shop, ensure_session(shop, request), request.json["code"])
    return _cart(shop, request)


def _order(shop, row):
    names = ("number", "status", "reason", "subtotal", "discount", "shipping", "total", "refunded")
    lines = [
        {"sku": line["sku"], "quantity": line["quantity"], "returned": line["returned"]}
        for line in checkout.order_lines(shop, row["number"])
    ]
    return {**{name: row[name] for name in names}, "lines": lines}


@route("POST", "/api/orders")
def place_order(shop, request):
    email = who(shop, request)
    if not email:
        return fault(401, "Please log in.")
    values = request.json
    number = checkout.place(
        shop,
        request.session,
        email,
        values["address"],
        lambda: payment.by_card(values["card"])
        if "card" in values
        else payment.by_transfer(values.get("bank")),
    )
    return json_answer(_order(shop, checkout.order(shop, number)), 202)


@route("GET", "/api/orders")
def list_orders(shop, request):
    email = who(shop, request)
    if not email:
        return fault(401, "Please log in.")
    return json_answer({"orders": [_order(shop, row) for row in orders.history(shop, email)]})


@route("GET", r"/api/orders/(?P<number>\d+)")
def show_order(shop, request, number):
    return json_answer(_order(shop, orders.own(shop, who(shop, request), int(number))))


@route("DELETE", r"/api/orders/(?P<number>\d+)")
def cancel_order(shop, request, number):
    orders.cancel(shop, who(shop, request), int(number))
    return json_answer(_order(shop, checkout.order(shop, int(number))))
