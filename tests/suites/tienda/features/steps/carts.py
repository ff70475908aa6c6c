"""Steps for the cart: filling it, changing it, vouchers, sums."""

from behave import given, step, then, when

from testkit import flows
from testkit.browser import Browser


@given("a visitor with this cart")
@given("she has this cart")
def fill_cart(context):
    for row in context.table:
        flows.add_to_cart(context.browser, row["sku"], row["quantity"])


@given('a visitor with {quantity:d} of "{sku}" in the cart')
@given('she has {quantity:d} of "{sku}" in the cart')
@when('the visitor adds {quantity:d} of "{sku}"')
def add_to_cart(context, quantity, sku):
    flows.add_to_cart(context.browser, sku, quantity)


@given('"{name}" with {quantity:d} of "{sku}" in the cart')
@when('"{name}" adds {quantity:d} of "{sku}"')
def add_to_cart_of(context, name, quantity, sku):
    context.browser = context.visitors.setdefault(name, Browser(context.shop.url))
    flows.add_to_cart(context.browser, sku, quantity)


@when('the visitor changes "{sku}" to {quantity:d}')
def change_quantity(context, sku, quantity):
    context.browser.open("/cart")
    context.browser.submit(f"Change {sku}", quantity=quantity)


@when('the visitor uses voucher "{code}"')
@when('she uses voucher "{code}"')
def use_voucher(context, code):
    context.browser.open("/cart")
    context.browser.submit("Use voucher", code=code)


@then('the cart holds {quantity:d} of "{name}"')
def check_line(context, quantity, name):
    context.browser.open("/cart")
    form = next(
        row
        for row in context.browser.page.first("table", "lines").all("tr")
        if row.first("td") and row.first("td").text == name
    ).first("form")
    assert form.all("input")[1].attributes["value"] == str(quantity), context.browser.rows("lines")


@when('the visitor sends this cart to "{email}"')
def send_cart(context, email):
    context.browser.open("/cart")
    context.browser.submit("Send me this cart", email=email)


@when('"{name}" opens the link in the mail to "{email}"')
def open_saved_cart(context, name, email):
    link = flows.link_in(context.shop.mail_to(email, "Your cart"))
    context.browser = context.visitors.setdefault(name, Browser(context.shop.url))
    context.browser.open(link)


@then("the cart is empty")
def check_empty(context):
    context.browser.open("/cart")
    assert context.browser.text_of("empty") == "Your cart is empty."


@step('the cart\'s {name} is "{value}"')
def check_sum(context, name, value):
    context.browser.open("/cart")
    sums = context.browser.sums()
    assert sums.get(name.capitalize(), "none") == value, sums
