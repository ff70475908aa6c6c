"""Customers: signing up, logging in, and finding the way back after a forgotten password."""

import hashlib
import hmac
import secrets

from shop import mail
from shop.faults import Refused

ITERATIONS = 60_000
TRIES = 3
LOCKED_FOR_S = 15 * 60
LINK_VALID_S = 60 * 60


def hash_password(password, salt=None):
    salt = salt or secrets.token_bytes(4)
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    return f"{ITERATIONS}${salt.hex()}${digest.hex()}"


def is_password(password, stored):
    salt = bytes.fromhex(stored.split("$")[1])
    return hmac.compare_digest(hash_password(password, salt), stored)


def customer(shop, email):
    return shop.store.one("SELECT * FROM customer WHERE email = ?", email.strip().lower())


def check_password(password):
    if len(password) < 10:
        raise Refused("The password needs 10 characters or more.")
    if len(set(password)) < 5:
        raise Refused("The password needs more different characters.")
    if password.lower() in ("1234567890", "contraseña", "password123", "qwertyuiop"):
        raise Refused("Everybody knows this password.")


def sign_up(shop, name, email, password):
    email = mail.check_address(email)
    if not name.strip():
        raise Refused("Please tell us your name.")
    check_password(password)
    if customer(shop, email):
        raise Refused("There is an account with this e-mail address already.")
    shop.store.run(
        "INSERT INTO customer (email, name, password) VALUES (?, ?, ?)",
        email,
        name.strip(),
        hash_password(password),
    )
    mail.send(
        shop,
        email,
        "Welcome to Tienda",
        f"Hello {name.strip()},\n\nyour account is ready.\n"
        "The voucher WELCOME10 takes 10 % off your first order.\n",
    )
    return email


def log_in(shop, email, password):
    row = customer(shop, email)
    if row and row["locked_until"] > shop.store.now():
        raise Refused("Too many attempts. Please wait 15 minutes.")
    if not row or not is_password(password, row["password"]):
        if row:
            _count_failure(shop, row)
        raise Refused("E-mail address or password is wrong.")
    shop.store.run("UPDATE customer SET failures = 0 WHERE email = ?", row["email"])
    return row["email"]


def _count_failure(shop, row):
    failures = row["failures"] + 1
    locked_until = shop.store.now() + LOCKED_FOR_S if failures >= TRIES else 0
    shop.store.run(
        "UPDATE customer SET failures = ?, locked_until = ? WHERE email = ?",
        failures % TRIES,
        locked_until,
        row["email"],
    )


def change_password(shop, email, old, new):
    if not is_password(old, customer(shop, email)["password"]):
        raise Refused("The old password is wrong.")
    _set_password(shop, email, new)
    mail.send(
        shop, email, "Your password was changed", "If this was not you, please answer this mail.\n"
    )


def _set_password(shop, email, password):
    check_password(password)
    shop.store.run(
        "UPDATE customer SET password = ?, failures = 0, locked_until = 0 WHERE email = ?",
        hash_password(password),
        email,
    )


def send_reset_link(shop, email, base_url):
    """Says nothing about whether the address is known: that is nobody's business."""
    row = customer(shop, email)
    if not row:
        return
    token = secrets.token_urlsafe(16)
    shop.store.run(
        "INSERT INTO reset_link (token, email, until) VALUES (?, ?, ?)",
        token,
        row["email"],
        shop.store.now() + LINK_VALID_S,
    )
    mail.send(
        shop,
        row["email"],
        "Your new password",
        f"Choose a new password within an hour:\n{base_url}/reset/{token}\n",
    )


def use_reset_link(shop, token, password):
    link = shop.store.one("SELECT * FROM reset_link WHERE token = ?", token)
    is_used = link and link["used"] and not shop.is_broken("accounts")
    if not link or is_used or link["until"] < shop.store.now():
        raise Refused("This link is not valid any more.")
    _set_password(shop, link["email"], password)
    shop.store.run("UPDATE reset_link SET used = 1 WHERE token = ?", token)
