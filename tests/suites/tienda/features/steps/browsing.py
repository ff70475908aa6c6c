"""Steps for looking around: pages, links, products, searching."""

from behave import given, step, then, when

from testkit.browser import Browser
from testkit.running_shop import wait_until


@given("a visitor on the home page")
def open_home(context):
    context.browser.open("/")


@when('a visitor opens product "{sku}"')
def open_product(context, sku):
    context.browser.open(f"/product/{sku}")


@when('the visitor follows "{link}"')
@when('follows "{link}"')
@when('she follows "{link}"')
def follow(context, link):
    context.browser.follow(link)


@when("{count:d} day passes")
@when("{count:d} days pass")
def pass_days(context, count):
    context.shop.door("POST", "clock", days=count)


@then('the page is titled "{title}"')
def check_title(context, title):
    assert context.browser.title == title, context.browser.title


@then("the answer is {status:d}")
def check_status(context, status):
    assert context.browser.status == status, context.browser.status


@then('the shop refuses: "{reason}"')
def check_refusal(context, reason):
    assert context.browser.alert == reason, context.browser.alert


@then('the shop says "{notice}"')
def check_notice(context, notice):
    assert context.browser.notice == notice, context.browser.notice


@then('there is a link "{text}"')
def check_link(context, text):
    assert text in context.browser.links(), sorted(context.browser.links())


@then('there is no link "{text}"')
def check_no_link(context, text):
    assert text not in context.browser.links()


@then('there is no button "{text}"')
def check_no_button(context, text):
    assert not context.browser.has_button(text)


@then("the page lists these categories")
def check_categories(context):
    assert context.browser.rows("categories") == [list(row) for row in context.table]


@then('the first product is "{name}"')
def check_first_product(context, name):
    names = [row[0] for row in context.browser.rows("products")]
    assert names[:1] == [name], names


@then("{count:d} products are shown")
def check_product_count(context, count):
    assert len(context.browser.rows("products")) == count, context.browser.rows("products")


@then('the price is "{price}"')
def check_price(context, price):
    assert context.browser.text_of("price") == price, context.browser.text_of("price")


@then('the VAT note says "{note}"')
def check_vat(context, note):
    assert context.browser.text_of("vat") == note, context.browser.text_of("vat")


@then('the stock says "{stock}"')
def check_stock(context, stock):
    assert context.browser.text_of("stock") == stock, context.browser.text_of("stock")


@then('product "{sku}" has {count:d} in stock')
def check_stock_of(context, sku, count):
    elsewhere = Browser(context.shop.url)
    elsewhere.open(f"/product/{sku}")
    assert elsewhere.text_of("stock") == f"{count} in stock", elsewhere.text_of("stock")


@given('a visitor searched "{words}"')
@when('a visitor searches "{words}"')
def search(context, words):
    context.browser.open("/search")
    context.browser.submit("Search", q=words)


@when('a visitor searches "{words}" with')
def search_with_filters(context, words):
    context.browser.open("/search")
    context.browser.submit(
        "Search", q=words, **{row["filter"]: row["value"] for row in context.table}
    )


@step("the search finds {count:d}")
def check_found(context, count):
    assert context.browser.text_of("found") == f"{count} found", context.browser.text_of("found")


@when('the staff adds product "{sku}" called "{name}"')
def add_product(context, sku, name):
    context.shop.door(
        "PUT",
        "products",
        sku=sku,
        name=name,
        category="coffee",
        description="Sweet and cold, 500 ml.",
        price=390,
        stock=30,
    )


@when('the staff withdraws product "{sku}"')
def withdraw_product(context, sku):
    context.shop.door("DELETE", f"products/{sku}")


@when('the staff restocks "{sku}" with {count:d}')
def restock(context, sku, count):
    context.shop.door("PUT", f"stock/{sku}", stock=count)


@given('"{email}" wants to know when "{sku}" is back')
def wish_for(context, email, sku):
    context.browser.open(f"/product/{sku}")
    context.browser.submit("Tell me when it is back", email=email)


@then('a search for "{words}" finds {count:d} before long')
def check_found_soon(context, words, count):
    def look():
        search(context, words)
        return context.browser.text_of("found") == f"{count} found"

    wait_until(look, f"{count} products for {words!r}")
