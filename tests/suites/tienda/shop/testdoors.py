"""Back doors for tests: reset, clock, mailbox, warehouse and staff; open only with --test-doors."""

from shop import catalog, checkout, mail
from shop.web import json_answer, route


@route("POST", "/_test/reset")
def reset(shop, request):
    shop.reset()
    return json_answer({})


@route("POST", "/_test/clock")
def advance_clock(shop, request):
    shop.store.clock_offset_s += float(request.json["days"]) * 86400
    return json_answer({})


@route("GET", "/_test/mail")
def read_mail(shop, request):
    return json_answer(mail.mailbox(shop, request.query["to"]))


@route("GET", "/_test/jobs")
def waiting_jobs(shop, request):
    row = shop.store.one(
        "SELECT count(*) AS waiting FROM job WHERE kind = ?", request.query["kind"]
    )
    return json_answer(row["waiting"])


@route("POST", "/_test/warehouse")
def pack(shop, request):
    checkout.hand_to_warehouse(shop, int(request.json["order"]))
    return json_answer({})


@route("PUT", "/_test/products")
def put_product(shop, request):
    catalog.put_product(shop, request.json)
    return json_answer({})


@route("PUT", r"/_test/stock/(?P<sku>[\w-]+)")
def restock(shop, request, sku):
    catalog.restock(shop, sku, int(request.json["stock"]))
    return json_answer({})


@route("DELETE", r"/_test/products/(?P<sku>[\w-]+)")
def withdraw_product(shop, request, sku):
    catalog.withdraw(shop, sku)
    return json_answer({})
