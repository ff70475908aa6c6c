"""What people do in the shop over several pages."""

import re

from testkit.running_shop import wait_until

PASSWORD = "correct horse"
GOOD_CARD = "4242 4242 4242 4242"
ADDRESS = {"street": "Calle Mayor 1", "postcode": "28001", "city": "Madrid", "country": "Spain"}
CITIES = {
    "Spain": "Madrid",
    "Canary Islands": "Las Palmas",
    "Portugal": "Lisboa",
    "France": "Lyon",
    "Germany": "Berlin",
}


def email_of(name):
    return f"{name.lower()}@tienda.example"


def link_in(mail):
    return re.search(r"http://\S+", mail["body"])[0]


def log_in(browser, email, password=PASSWORD):
    browser.open("/login")
    browser.submit("Log in", email=email, password=password)


def add_to_cart(browser, sku, quantity):
    browser.open(f"/product/{sku}")
    browser.submit("Add to cart", quantity=quantity)


def order(browser, **values):
    """From the cart through the checkout; by default with a good card to a good address."""
    browser.open("/cart")
    browser.follow("To the checkout")
    browser.submit("Place order", **{"card": GOOD_CARD, **ADDRESS, **values})


def wait_for_status(browser, status):
    """Reload the order's page until it tells anything but the states on the way."""

    def look():
        browser.open(browser.path)
        return browser.text_of("status") not in ("waiting for payment", "in the warehouse")

    wait_until(look, f"order {status}")
    assert browser.text_of("status") == status, browser.text_of("status")
