"""The shop's SQLite database: its tables, and one connection behind one lock."""

import sqlite3
import threading
import time

from shop import seed

SCHEMA = """
CREATE TABLE category (slug TEXT PRIMARY KEY, name TEXT NOT NULL, vat INTEGER NOT NULL);
CREATE TABLE product (sku TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL REFERENCES category,
                      description TEXT NOT NULL, price INTEGER NOT NULL, old_price INTEGER,
                      stock INTEGER NOT NULL CHECK (stock >= 0), withdrawn INTEGER NOT NULL DEFAULT 0);
CREATE TABLE voucher (code TEXT PRIMARY KEY, kind TEXT NOT NULL, value INTEGER NOT NULL,
                      minimum INTEGER NOT NULL, category TEXT, days INTEGER NOT NULL);
CREATE TABLE customer (email TEXT PRIMARY KEY, name TEXT NOT NULL, password TEXT NOT NULL,
                       failures INTEGER NOT NULL DEFAULT 0, locked_until REAL NOT NULL DEFAULT 0);
CREATE TABLE reset_link (token TEXT PRIMARY KEY, email TEXT NOT NULL, until REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE session (id TEXT PRIMARY KEY, email TEXT, wanted TEXT, voucher TEXT, notice TEXT);
CREATE TABLE line (session TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL, reserved_until REAL NOT NULL,
                   PRIMARY KEY (session, sku));
CREATE TABLE purchase (number INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL, session TEXT NOT NULL,
                       placed_at REAL NOT NULL, status TEXT NOT NULL, reason TEXT, address TEXT NOT NULL,
                       country TEXT NOT NULL, subtotal INTEGER NOT NULL, discount INTEGER NOT NULL,
                       shipping INTEGER NOT NULL, total INTEGER NOT NULL, refunded INTEGER NOT NULL DEFAULT 0,
                       shipped_at REAL);
CREATE TABLE purchase_line (number INTEGER NOT NULL, sku TEXT NOT NULL, name TEXT NOT NULL, quantity INTEGER NOT NULL,
                            price INTEGER NOT NULL, vat INTEGER NOT NULL, returned INTEGER NOT NULL DEFAULT 0,
                            PRIMARY KEY (number, sku));
CREATE TABLE wish (email TEXT NOT NULL, sku TEXT NOT NULL, PRIMARY KEY (email, sku));
CREATE TABLE saved_line (token TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL);
CREATE TABLE mail (id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE job (id INTEGER PRIMARY KEY, due REAL NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL);
"""


def connect(path):
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


class Store:
    def __init__(self, path):
        self.lock = threading.RLock()
        self.connection = connect(path)
        # The file dies with the process: nothing to protect against a power cut.
        self.connection.execute("PRAGMA journal_mode = MEMORY")
        self.connection.execute("PRAGMA synchronous = OFF")
        self.pristine = connect(":memory:")
        self.pristine.executescript("BEGIN;" + SCHEMA)
        seed.plant(self.pristine)
        self.pristine.execute("COMMIT")
        self.reset()

    def reset(self):
        self.pristine.backup(self.connection)
        self.clock_offset_s = 0.0
        self.opened_at = time.time()

    def close(self):
        with self.lock:
            self.connection.close()
            self.pristine.close()

    def now(self):
        return time.time() + self.clock_offset_s

    def run(self, sql, *values):
        return self.connection.execute(sql, values)

    def one(self, sql, *values):
        return self.run(sql, *values).fetchone()

    def all(self, sql, *values):
        return self.run(sql, *values).fetchall()
