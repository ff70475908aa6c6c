"""The HTML pages: catalog, search, cart, checkout, account, orders."""

import re
from html import escape
from urllib.parse import urlencode

from shop import accounts, cart, catalog, checkout, html, orders, payment, search
from shop.catalog import euros
from shop.faults import Refused
from shop.web import Answer, ensure_session, route, see_other, who


def fault(status, message):
    return Answer(status, html.page("Sorry", f"<p>{escape(message)}</p>"))


def refusal(shop, request, message):
    """Back to the form that was sent, with the reason on it."""
    notice(shop, request, "!" + message)
    back = request.form.get("back", "")
    return see_other(back if re.fullmatch(r"/[\w/-]+", back) else request.path)


def notice(shop, request, text):
    shop.store.run(
        "UPDATE session SET notice = ? WHERE id = ?", text, ensure_session(shop, request)
    )


def show(shop, request, title, body):
    session = ensure_session(shop, request)
    said = shop.store.one("SELECT notice FROM session WHERE id = ?", session)["notice"] or ""
    shop.store.run("UPDATE session SET notice = NULL WHERE id = ?", session)
    is_fault = said.startswith("!")
    return Answer(
        body=html.page(
            title,
            body,
            who(shop, request),
            None if is_fault else said,
            said[1:] if is_fault else None,
        )
    )


def for_customers(handler):
    """Ask for the log-in first and come back afterwards."""

    def guarded(shop, request, **groups):
        if who(shop, request):
            return handler(shop, request, **groups)
        shop.store.run(
            "UPDATE session SET wanted = ? WHERE id = ?",
            request.path,
            ensure_session(shop, request),
        )
        return see_other("/login")

    return guarded


# Catalog and search


@route("GET", "/")
def home(shop, request):
    rows = [
        [f'<a href="/category/{row["slug"]}">{escape(row["name"])}</a>', str(row["products"])]
        for row in catalog.categories(shop)
    ]
    return show(shop, request, "Welcome", html.table("categories", ["Category", "Products"], rows))


@route("GET", r"/category/(?P<slug>\w+)")
def category(shop, request, slug):
    row = catalog.category(shop, slug)
    if not row:
        return fault(404, f"There is no category {slug}.")
    order, page = request.query.get("order", "name"), int(request.query.get("page", 1))
    products, pages = catalog.products_in(shop, slug, order, page)
    links = [f'<a href="?order={name}">{name}</a>' for name in catalog.ORDERS]
    turns = [
        f'<a href="?{escape(urlencode({"order": order, "page": turn}))}">{label}</a>'
        for turn, label in ((page - 1, "previous"), (page + 1, "next"))
        if 1 <= turn <= pages
    ]
    return show(
        shop,
        request,
        row["name"],
        f"<p>Sort by {' '.join(links)}</p>"
        + html.product_table(products)
        + f'<p class="pages">Page {page} of {pages} {" ".join(turns)}</p>',
    )


@route("GET", r"/product/(?P<sku>[\w-]+)")
def product(shop, request, sku):
    row = catalog.product(shop, sku)
    if not row:
        return fault(404, f"There is no product {sku}.")
    rate = catalog.vat_of(shop, row["category"])
    body = (
        f'<p>{escape(row["description"])}</p><p class="price">{html.price(row)}</p>'
        f'<p class="vat">includes {euros(catalog.vat_within(row["price"], rate))} VAT ({rate} %)</p>'
    )
    if row["stock"]:
        body += f'<p class="stock">{row["stock"]} in stock</p>'
        body += html.form(
            "/cart",
            [
                html.hidden("sku", sku),
                html.hidden("back", request.path),
                html.field("quantity", "Quantity", 1, "number"),
            ],
            "Add to cart",
        )
    else:
        body += '<p class="stock">sold out</p>'
        body += html.form(
            f"/wish/{sku}",
            [html.field("email", "E-mail"), html.hidden("back", request.path)],
            "Tell me when it is back",
        )
    return show(
        shop,
        request,
        row["name"],
        body + "<h2>Goes well with it</h2>" + html.product_table(catalog.related(shop, row)),
    )


@route("POST", r"/wish/(?P<sku>[\w-]+)")
def wish(shop, request, sku):
    catalog.wish_for(shop, request.form.get("email", ""), sku)
    notice(shop, request, "We will write to you.")
    return see_other(f"/product/{sku}")


@route("GET", "/search")
def search_page(shop, request):
    query, most = request.query.get("q", ""), request.query.get("most", "")
    slugs = [""] + [row["slug"] for row in catalog.categories(shop)]
    body = html.form(
        "/search",
        [
            html.field("q", "Words", query),
            html.choice("category", "Category", slugs, request.query.get("category")),
            html.field("most", "Up to (euros)", most),
            html.choice(
                "in_stock", "Only what is in stock", ["no", "yes"], request.query.get("in_stock")
            ),
        ],
        "Search",
        "get",
    )
    if query:
        rows = search.find(
            shop,
            query,
            request.query.get("category"),
            int(float(most) * 100) if most else None,
            request.query.get("in_stock") == "yes",
        )
        body += f'<p class="found">{len(rows)} found</p>' + html.product_table(rows)
        better = shop.index.suggestion(query)
        if not rows and better:
            body += f'<p class="suggestion">Did you mean <a href="/search?{urlencode({"q": better})}">{better}</a>?</p>'
    return show(shop, request, "Search", body)


# Cart


@route("GET", "/cart")
def cart_page(shop, request):
    session = ensure_session(shop, request)
    lines = cart.lines(shop, session)
    if not lines:
        return show(shop, request, "Cart", '<p class="empty">Your cart is empty.</p>')
    country = request.query.get("country", "Spain")
    if country not in cart.SHIPPING:
        return fault(404, "We do not deliver to this country.")
    rows = [
        [escape(line["name"]), _change_form(line), euros(line["price"] * line["quantity"])]
        for line in lines
    ]
    body = html.table("lines", ["Product", "Quantity", "Sum"], rows)
    body += html.form(
        "/voucher", [html.field("code", "Voucher"), html.hidden("back", "/cart")], "Use voucher"
    )
    body += html.form(
        "/cart",
        [html.choice("country", "Deliver to", list(cart.SHIPPING), country)],
        "Show shipping",
        "get",
    )
    body += html.form(
        "/cart/save",
        [html.field("email", "E-mail"), html.hidden("back", "/cart")],
        "Send me this cart",
    )
    body += (
        _sums(cart.totals(shop, session, country))
        + '<p><a href="/checkout">To the checkout</a></p>'
    )
    return show(shop, request, "Cart", body)


def _change_form(line):
    return html.form(
        f"/cart/{line['sku']}",
        [html.hidden("back", "/cart"), html.field("quantity", "", line["quantity"], "number")],
        f"Change {line['sku']}",
        kind="inline",
    )


def _sums(totals):
    rows = [("Subtotal", euros(totals.subtotal))]
    if totals.discount:
        rows.append(("Discount", "-" + euros(totals.discount)))
    return html.sums(rows + [("Shipping", euros(totals.shipping)), ("Total", euros(totals.total))])


def _quantity(request):
    try:
        return int(request.form.get("quantity", ""))
    except ValueError:
        return -1  # cart.put() refuses it in words


@route("POST", "/cart")
def add_to_cart(shop, request):
    cart.put(shop, ensure_session(shop, request), request.form["sku"], _quantity(request), add=True)
    notice(shop, request, "It is in your cart.")
    return see_other("/cart")


@route("POST", "/cart/save")
def save_cart(shop, request):
    cart.save(shop, ensure_session(shop, request), request.form.get("email", ""), request.base_url)
    notice(shop, request, "Your cart is on its way to you.")
    return see_other("/cart")


@route("GET", r"/saved/(?P<token>[\w-]+)")
def restore_cart(shop, request, token):
    cart.restore(shop, ensure_session(shop, request), token)
    return see_other("/cart")


@route("POST", r"/cart/(?P<sku>[\w-]+)")
def change_line(shop, request, sku):
    cart.put(shop, ensure_session(shop, request), sku, _quantity(request))
    return see_other("/cart")


@route("POST", "/voucher")
def voucher(shop, request):
    cart.use_voucher(shop, ensure_session(shop, request), request.form.get("code", ""))
    notice(shop, request, "Your voucher is used.")
    return see_other("/cart")


# Checkout

ADDRESS = ("name", "street", "postcode", "city", "country")


@route("GET", "/checkout")
@for_customers
def checkout_page(shop, request):
    if not cart.lines(shop, request.session):
        return see_other("/cart")
    row = accounts.customer(shop, who(shop, request))
    fields = [html.field("name", "Name", row["name"])]
    fields += [html.field(name, name.capitalize()) for name in ADDRESS[1:4]]
    fields += [
        html.choice("country", "Country", list(cart.SHIPPING)),
        html.choice("method", "Pay by", ["card", "transfer"]),
        html.field("card", "Card number"),
        html.choice("bank", "Bank", list(payment.BANKS)),
    ]
    return show(
        shop,
        request,
        "Checkout",
        html.form("/checkout", fields, "Place order") + _sums(cart.totals(shop, request.session)),
    )


@route("POST", "/checkout")
@for_customers
def place_order(shop, request):
    form = request.form
    number = checkout.place(
        shop,
        request.session,
        who(shop, request),
        {name: form.get(name, "") for name in ADDRESS},
        lambda: payment.by_transfer(form.get("bank"))
        if form.get("method") == "transfer"
        else payment.by_card(form.get("card", "")),
    )
    return see_other(f"/orders/{number}")


# Accounts


@route("GET", "/signup")
def sign_up_page(shop, request):
    fields = [
        html.field("name", "Name"),
        html.field("email", "E-mail"),
        html.field("password", "Password", kind="password"),
    ]
    return show(shop, request, "Sign up", html.form("/signup", fields, "Sign up"))


@route("POST", "/signup")
def sign_up(shop, request):
    form = request.form
    email = accounts.sign_up(
        shop, form.get("name", ""), form.get("email", ""), form.get("password", "")
    )
    _enter(shop, request, email)
    notice(shop, request, "Your account is ready.")
    return see_other("/account")


@route("GET", "/login")
def log_in_page(shop, request):
    fields = [html.field("email", "E-mail"), html.field("password", "Password", kind="password")]
    return show(
        shop,
        request,
        "Log in",
        html.form("/login", fields, "Log in")
        + '<p><a href="/forgotten">Password forgotten?</a></p>',
    )


@route("POST", "/login")
def log_in(shop, request):
    _enter(
        shop,
        request,
        accounts.log_in(shop, request.form.get("email", ""), request.form.get("password", "")),
    )
    wanted = shop.store.one("SELECT wanted FROM session WHERE id = ?", request.session)["wanted"]
    shop.store.run("UPDATE session SET wanted = NULL WHERE id = ?", request.session)
    return see_other(wanted or "/account")


def _enter(shop, request, email):
    shop.store.run(
        "UPDATE session SET email = ? WHERE id = ?", email, ensure_session(shop, request)
    )


@route("GET", "/logout")
def log_out(shop, request):
    _enter(shop, request, None)
    return see_other("/")


@route("GET", "/account")
@for_customers
def account(shop, request):
    row = accounts.customer(shop, who(shop, request))
    fields = [
        html.field("old", "Old password", kind="password"),
        html.field("new", "New password", kind="password"),
        html.hidden("back", "/account"),
    ]
    return show(
        shop,
        request,
        f"Hello {row['name']}",
        html.form("/account/password", fields, "Change password"),
    )


@route("POST", "/account/password")
@for_customers
def change_password(shop, request):
    accounts.change_password(
        shop, who(shop, request), request.form.get("old", ""), request.form.get("new", "")
    )
    notice(shop, request, "Your password is changed.")
    return see_other("/account")


@route("GET", "/forgotten")
def forgotten_page(shop, request):
    return show(
        shop,
        request,
        "Password forgotten",
        html.form("/forgotten", [html.field("email", "E-mail")], "Send link"),
    )


@route("POST", "/forgotten")
def forgotten(shop, request):
    accounts.send_reset_link(shop, request.form.get("email", ""), request.base_url)
    notice(shop, request, "If we know this address, a link is on its way.")
    return see_other("/login")


@route("GET", r"/reset/(?P<token>[\w-]+)")
def reset_page(shop, request, token):
    return show(
        shop,
        request,
        "New password",
        html.form(
            f"/reset/{token}",
            [html.field("password", "New password", kind="password")],
            "Set password",
        ),
    )


@route("POST", r"/reset/(?P<token>[\w-]+)")
def reset(shop, request, token):
    accounts.use_reset_link(shop, token, request.form.get("password", ""))
    notice(shop, request, "Your new password is set.")
    return see_other("/login")


# Orders


@route("GET", "/orders")
@for_customers
def history(shop, request):
    rows = [
        [
            f'<a href="/orders/{row["number"]}">{row["number"]}</a>',
            row["status"],
            euros(row["total"]),
        ]
        for row in orders.history(shop, who(shop, request))
    ]
    return show(
        shop, request, "My orders", html.table("orders", ["Order", "Status", "Total"], rows)
    )


@route("GET", r"/orders/(?P<number>\d+)")
@for_customers
def order_page(shop, request, number):
    row = orders.own(shop, who(shop, request), int(number))
    lines = checkout.order_lines(shop, row["number"])
    body = f'<p class="status">{row["status"]}</p>'
    if row["reason"]:
        body += (
            f'<p class="reason">{escape(row["reason"])}</p><p><a href="/checkout">Try again</a></p>'
        )
    body += html.table(
        "lines",
        ["Product", "Quantity", "Returned"],
        [[escape(line["name"]), str(line["quantity"]), str(line["returned"])] for line in lines],
    )
    rows = [
        ("Subtotal", euros(row["subtotal"])),
        ("Discount", "-" + euros(row["discount"])),
        ("Shipping", euros(row["shipping"])),
        ("Total", euros(row["total"])),
        ("Refunded", euros(row["refunded"])),
    ]
    return show(shop, request, f"Order {number}", body + html.sums(rows) + _order_forms(row, lines))


def _order_forms(row, lines):
    path = f"/orders/{row['number']}"
    back = html.hidden("back", path)
    skus = [line["sku"] for line in lines if line["returned"] < line["quantity"]]
    forms = html.form(f"{path}/cancel", [back], "Cancel order")
    if row["status"] in ("shipped", "partly returned"):
        forms += html.form(
            f"{path}/return",
            [
                back,
                html.choice("sku", "What", skus),
                html.field("quantity", "How many", 1),
                html.choice("reason", "Why", list(orders.REASONS)),
            ],
            "Send back",
        )
    return forms + f'<p><a href="{path}/invoice.pdf">Invoice</a></p>'


@route("POST", r"/orders/(?P<number>\d+)/cancel")
@for_customers
def cancel(shop, request, number):
    orders.cancel(shop, who(shop, request), int(number))
    notice(shop, request, "The order is cancelled.")
    return see_other(f"/orders/{number}")


@route("POST", r"/orders/(?P<number>\d+)/return")
@for_customers
def send_back(shop, request, number):
    form = request.form
    orders.send_back(
        shop,
        who(shop, request),
        int(number),
        form.get("sku", ""),
        _quantity(request),
        form.get("reason", ""),
    )
    notice(shop, request, "Thank you, your money is on its way.")
    return see_other(f"/orders/{number}")


@route("GET", r"/orders/(?P<number>\d+)/invoice\.pdf")
@for_customers
def invoice(shop, request, number):
    try:
        return Answer(
            200, orders.invoice_of(shop, who(shop, request), int(number)), "application/pdf"
        )
    except Refused as error:
        return fault(409, str(error))
