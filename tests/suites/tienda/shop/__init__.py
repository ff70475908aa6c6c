"""Tienda: a small web shop, made to be tested."""
