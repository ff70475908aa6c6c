"""Steps for ordering, and for what becomes of an order."""

from behave import given, step, then, when

from testkit import flows
from testkit.running_shop import wait_until


@when('she orders with card "{card}"')
def order_by_card(context, card):
    flows.order(context.browser, card=card)


@when("she orders by card without the {field}")
def order_without(context, field):
    flows.order(context.browser, **{field: ""})


@when('she orders by card to {country} with postcode "{postcode}"')
def order_to(context, country, postcode):
    flows.order(context.browser, country=country, postcode=postcode, city=flows.CITIES[country])


@when('she orders by transfer from "{bank}"')
def order_by_transfer(context, bank):
    flows.order(context.browser, method="transfer", bank=bank)


@when('she tries again with card "{card}"')
def order_again(context, card):
    context.browser.follow("Try again")
    context.browser.submit("Place order", **{**flows.ADDRESS, "card": card})


@given('{name} bought {quantity:d} of "{sku}"')
def buy(context, name, quantity, sku):
    if getattr(context, "email", None) != flows.email_of(name):
        context.execute_steps(f"Given {name} is logged in")
    flows.add_to_cart(context.browser, sku, quantity)
    flows.order(context.browser)
    flows.wait_for_status(context.browser, "paid")


@given("{name} bought this")
def buy_table(context, name):
    rows = list(context.table)
    context.execute_steps(f"Given {name} is logged in")
    for row in rows:
        flows.add_to_cart(context.browser, row["sku"], row["quantity"])
    flows.order(context.browser)
    flows.wait_for_status(context.browser, "paid")


@step('the order says "{status}"')
def check_status(context, status):
    assert context.browser.text_of("status") == status, context.browser.text_of("status")


@step('the order becomes "{status}"')
def wait_for_status(context, status):
    flows.wait_for_status(context.browser, status)


@then('the reason is "{reason}"')
def check_reason(context, reason):
    assert context.browser.text_of("reason") == reason, context.browser.text_of("reason")


@then("the order costs")
def check_sums(context):
    sums = context.browser.sums()
    for row in context.table:
        assert sums[row["sum"]] == row["value"], sums


@then('the order\'s shipping is "{value}"')
def check_shipping(context, value):
    assert context.browser.sums()["Shipping"] == value, context.browser.sums()


@then('the order\'s total is "{value}"')
def check_total(context, value):
    assert context.browser.sums()["Total"] == value, context.browser.sums()


@then('the order\'s refund is "{value}"')
def check_refund(context, value):
    assert context.browser.sums()["Refunded"] == value, context.browser.sums()


@when("she cancels the order")
def cancel(context):
    context.browser.submit("Cancel order")


@when("the bank has answered at last")
def wait_for_bank(context):
    wait_until(lambda: not context.shop.door("GET", "jobs?kind=payment"), "the bank's answer")
    context.browser.open(context.browser.path)


@when("the warehouse packs the order")
def pack(context):
    context.shop.door("POST", "warehouse", order=int(context.browser.path.rsplit("/", 1)[1]))


@given("the warehouse sent the order")
def pack_and_wait(context):
    pack(context)
    flows.wait_for_status(context.browser, "shipped")


@when('she sends {quantity:d} of "{sku}" back: "{reason}"')
def send_back(context, quantity, sku, reason):
    context.browser.open(context.browser.path)
    context.browser.submit("Send back", sku=sku, quantity=quantity, reason=reason)


@then("these orders are listed")
def check_history(context):
    assert context.browser.rows("orders") == [
        list(row) for row in context.table
    ], context.browser.rows("orders")


@when("he opens order {number:d}")
def open_order(context, number):
    context.browser.open(f"/orders/{number}")


@then("the invoice says")
def check_invoice(context):
    text = context.browser.body.decode("cp1252")
    assert text.startswith("%PDF-"), text[:40]
    for row in context.table:
        assert f"({row['text']})" in text, [line for line in text.splitlines() if "Tj" in line]
