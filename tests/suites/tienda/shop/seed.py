"""What the shop sells on its first day, and who is a customer already."""

CATEGORIES = [
    ("coffee", "Coffee and tea", 10),
    ("books", "Books", 4),
    ("kitchen", "Kitchen", 21),
    ("stationery", "Stationery", 21),
]

# sku, name, category, description, price, price before, stock
# fmt: off
PRODUCTS = [
    ("CAF-01", "Café molido de Colombia", "coffee", "Ground coffee, medium roast, 250 g, notes of cocoa and panela.", 695, None, 40),
    ("CAF-02", "Café en grano de Etiopía", "coffee", "Whole beans, light roast, 500 g, flowers and bergamot.", 1450, None, 25),
    ("CAF-03", "Café descafeinado", "coffee", "Decaffeinated by water alone, ground, 250 g.", 725, None, 18),
    ("TEA-01", "Té verde sencha", "coffee", "Green tea from Shizuoka, first harvest, 100 g.", 980, 1180, 30),
    ("TEA-02", "Té negro de Ceilán", "coffee", "Black tea, strong, goes with milk, 100 g.", 640, None, 35),
    ("TEA-03", "Manzanilla", "coffee", "Camomile flowers from Aragón, 50 g.", 320, None, 60),
    ("TEA-04", "Rooibos con vainilla", "coffee", "Red bush with vanilla, without caffeine, 100 g.", 590, None, 0),
    ("BOO-01", "Don Quijote de la Mancha", "books", "The novel by Miguel de Cervantes, annotated, two volumes.", 3200, None, 12),
    ("BOO-02", "Veinte poemas de amor", "books", "Poems by Pablo Neruda, bilingual.", 1190, None, 20),
    ("BOO-03", "La casa de los espíritus", "books", "The first novel by Isabel Allende.", 1295, None, 15),
    ("BOO-04", "El libro del café", "books", "From the plant to the cup: farms, roasts and recipes.", 2450, 2950, 8),
    ("BOO-05", "Cocina de mercado", "books", "Two hundred recipes that follow the seasons.", 2800, None, 10),
    ("KIT-01", "Cafetera italiana", "kitchen", "Moka pot of aluminium for six cups.", 2490, None, 14),
    ("KIT-02", "Molinillo de café", "kitchen", "Hand grinder with ceramic burrs.", 3850, None, 6),
    ("KIT-03", "Taza de loza", "kitchen", "Glazed mug from Talavera, 300 ml.", 850, None, 50),
    ("KIT-04", "Tetera de hierro", "kitchen", "Cast iron teapot, 0.8 l, with sieve.", 4590, None, 5),
    ("KIT-05", "Cuchillo jamonero", "kitchen", "Long flexible blade, handle of olive wood.", 5275, None, 1),
    ("KIT-06", "Paella de acero", "kitchen", "Pan of polished steel, 42 cm, for eight.", 2975, 3500, 9),
    ("STA-01", "Cuaderno de rayas", "stationery", "Notebook, ruled, sewn, 96 leaves.", 480, None, 80),
    ("STA-02", "Pluma estilográfica", "stationery", "Fountain pen with steel nib, fine.", 2650, None, 7),
    ("STA-03", "Tinta sepia", "stationery", "Ink of a warm brown, 30 ml.", 890, None, 22),
    ("STA-04", "Papel de carta", "stationery", "Cotton paper, cream, 25 sheets with envelopes.", 1260, None, 16),
    ("STA-05", "Lápices de colores", "stationery", "Twenty-four coloured pencils of cedar.", 1890, None, 11),
    ("STA-06", "Sacapuntas", "stationery", "Sharpener of brass, two holes.", 350, None, 45),
]
# fmt: on

# code, kind, value (percent or cents), smallest subtotal, only this category, days it is still valid
VOUCHERS = [
    ("WELCOME10", "percent", 10, 2000, None, 365),
    ("MINUS5", "amount", 500, 3000, None, 365),
    ("BOOKS20", "percent", 20, 0, "books", 30),
    ("FREESHIP", "shipping", 0, 0, None, 30),
    ("SUMMER", "percent", 50, 0, None, -1),
]

# Hashes of "correct horse" as accounts.hash_password() makes them: hashing slows the start.
CUSTOMERS = [
    (
        "ana@tienda.example",
        "Ana García",
        "60000$a1b2c3d4$90c9df8ef63fd00a404892ad98f6a0bc6a06454424fe1f86185f11298ebfbfb1",
    ),
    (
        "bruno@tienda.example",
        "Bruno Díaz",
        "60000$e5f60718$e7f3f320bc785d7c5df37a78c38e7ab651fba4713fb4fc1c2a8eb6cd120d5a50",
    ),
]


def plant(connection):
    connection.executemany("INSERT INTO category VALUES (?, ?, ?)", CATEGORIES)
    connection.executemany(
        "INSERT INTO product (sku, name, category, description, price, old_price, stock)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        PRODUCTS,
    )
    connection.executemany("INSERT INTO voucher VALUES (?, ?, ?, ?, ?, ?)", VOUCHERS)
    connection.executemany(
        "INSERT INTO customer (email, name, password) VALUES (?, ?, ?)", CUSTOMERS
    )
