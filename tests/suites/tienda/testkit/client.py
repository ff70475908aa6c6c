"""A client of the JSON API with a session of its own."""

import json
import urllib.error
import urllib.request
from urllib.parse import quote, urlencode

from testkit.flows import ADDRESS, GOOD_CARD, PASSWORD
from testkit.running_shop import wait_until


class Client:
    """Logged in when an e-mail address is given; `status` is that of the last answer."""

    def __init__(self, url, email=None, password=PASSWORD):
        self.url = url
        self.status = None
        self.token = None
        values = {"email": email, "password": password} if email else {}
        self.token = self.send("POST", "session", **values).get("token")

    def send(self, method, path, query=None, **values):
        address = f"{self.url}/api/{quote(path)}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(
            address, json.dumps(values).encode() if values else None, headers, method=method
        )
        try:
            answer = urllib.request.urlopen(request, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.status = answer.status
            return json.load(answer)

    def get(self, path, **query):
        return self.send("GET", path, query)

    def put(self, sku, quantity):
        return self.send("PUT", f"cart/{sku}", quantity=quantity)

    def order(self, address=None, **payment):
        return self.send(
            "POST",
            "orders",
            address={"name": "Ana García", **ADDRESS, **(address or {})},
            **(payment or {"card": GOOD_CARD}),
        )

    def settled(self, number):
        """The order once its payment was answered."""

        def look():
            order = self.get(f"orders/{number}")
            return order if order["status"] != "waiting for payment" else None

        return wait_until(look, f"payment of order {number}")
