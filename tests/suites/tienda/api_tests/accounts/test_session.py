"""Logging in over the API."""

from testkit.client import Client


def test_wrong_password_gives_no_token(shop):
    client = Client(shop.url, "bruno@tienda.example", "wrong horse")
    assert client.status == 409 and client.token is None


def test_lock_ends_by_itself(shop):
    for _ in range(3):
        Client(shop.url, "bruno@tienda.example", "wrong horse")
    assert Client(shop.url, "bruno@tienda.example").token is None
    shop.door("POST", "clock", days=1)
    assert Client(shop.url, "bruno@tienda.example").token
