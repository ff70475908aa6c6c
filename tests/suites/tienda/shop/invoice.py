"""Invoices as PDF documents of one page, sealed with a pattern drawn from their own figures."""

import hashlib

from shop.catalog import euros, vat_within

SEAL_ROUNDS = 40_000  # slow on purpose: a seal must be dear to forge
SEAL_CELLS = 48


def _text(x, y, text, size=11):
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size} Tf {x} {y} Td ({escaped}) Tj ET"


def vat_by_rate(order, lines):
    """Tax per rate, with the discount spread over the lines; shipping bears the full rate."""
    sums = {}
    for line in lines:
        value = line["price"] * line["quantity"]
        value -= order["discount"] * value // order["subtotal"]
        sums[line["vat"]] = sums.get(line["vat"], 0) + value
    sums[21] = sums.get(21, 0) + order["shipping"]
    return {rate: vat_within(value, rate) for rate, value in sorted(sums.items()) if value}


def _seal(order, lines):
    figures = "|".join(
        [str(order["number"]), str(order["total"]), *(line["sku"] for line in lines)]
    )
    bits = hashlib.pbkdf2_hmac(
        "sha256", figures.encode(), b"tienda", SEAL_ROUNDS, SEAL_CELLS * SEAL_CELLS // 8
    )
    for cell in range(SEAL_CELLS * SEAL_CELLS):
        if bits[cell // 8] >> cell % 8 & 1:
            yield f"{430 + cell % SEAL_CELLS * 2} {60 + cell // SEAL_CELLS * 2} 2 2 re f"


def _content(order, lines):
    yield _text(50, 780, f"Invoice {order['number']}", 18)
    yield _text(50, 750, order["address"])
    y = 710
    for line in lines:
        yield _text(50, y, f"{line['quantity']} x {line['name']}")
        yield _text(450, y, euros(line["price"] * line["quantity"]))
        y -= 18
    rows = [("Discount", -order["discount"])] if order["discount"] else []
    rows += [("Shipping", order["shipping"]), ("Total", order["total"])]
    rows += [(f"of it {rate} % VAT", tax) for rate, tax in vat_by_rate(order, lines).items()]
    for label, cents in rows:
        y -= 18
        yield _text(300, y, label)
        yield _text(450, y, euros(cents) if cents >= 0 else "-" + euros(-cents))
    yield from _seal(order, lines)


def render(order, lines):
    stream = "\n".join(_content(order, lines)).encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    document, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        document
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(document))
    )
