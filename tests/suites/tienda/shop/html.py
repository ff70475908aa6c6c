"""Small pieces of HTML; whatever comes from a customer or a product is escaped here."""

from html import escape

from shop.catalog import euros

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
nav a { margin-right: 1rem } table { border-collapse: collapse; width: 100% } td, th { padding: .3rem .6rem; text-align: left }
tr + tr { border-top: 1px solid #ddd } .notice { background: #eef6ee; padding: .5rem 1rem } .fault { background: #fbeaea; padding: .5rem 1rem }
label { display: block; margin: .5rem 0 } del { color: #888 } form.inline { display: inline }
"""


def page(title, body, email=None, notice=None, fault=None):
    account = (
        f'<a href="/orders">My orders</a><a href="/account">{escape(email)}</a><a href="/logout">Log out</a>'
        if email
        else '<a href="/login">Log in</a><a href="/signup">Sign up</a>'
    )
    said = f'<p class="notice" role="status">{escape(notice)}</p>' if notice else ""
    said += f'<p class="fault" role="alert">{escape(fault)}</p>' if fault else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>'
        f"{escape(title)} - Tienda</title><style>{STYLE}</style></head><body>"
        f'<nav><a href="/">Tienda</a><a href="/search">Search</a><a href="/cart">Cart</a>{account}</nav>'
        f"<h1>{escape(title)}</h1>{said}<main>{body}</main></body></html>"
    ).encode()


def form(action, fields, button, method="post", kind=""):
    return (
        f'<form action="{escape(action)}" method="{method}" class="{kind}">{"".join(fields)}'
        f"<button>{escape(button)}</button></form>"
    )


def field(name, label, value="", kind="text"):
    return f'<label>{escape(label)} <input name="{name}" type="{kind}" value="{escape(str(value))}"></label>'


def hidden(name, value):
    return f'<input name="{name}" type="hidden" value="{escape(str(value))}">'


def choice(name, label, values, chosen=None):
    options = "".join(
        f"<option{' selected' if value == chosen else ''}>{escape(value)}</option>"
        for value in values
    )
    return f'<label>{escape(label)} <select name="{name}">{options}</select></label>'


def table(css_class, head, rows):
    """`rows` holds finished HTML per cell."""
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<table class="{css_class}"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>'
    )


def product_table(rows):
    return table(
        "products",
        ["Product", "Price", "Stock"],
        [
            [
                f'<a href="/product/{row["sku"]}">{escape(row["name"])}</a>',
                price(row),
                "in stock" if row["stock"] else "sold out",
            ]
            for row in rows
        ],
    )


def price(row):
    before = f"<del>{euros(row['old_price'])}</del> " if row["old_price"] else ""
    return f"{before}<strong>{euros(row['price'])}</strong>"


def sums(rows):
    return (
        '<dl class="sums">'
        + "".join(
            f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in rows
        )
        + "</dl>"
    )
