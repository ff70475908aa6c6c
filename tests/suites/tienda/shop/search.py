"""Full-text search: accents do not matter, every word must match, a slip of the pen is noticed."""

import itertools
import re
import unicodedata

LONGEST_SLIP = 2


def fold(text):
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words_of(text):
    return re.findall(r"[a-z0-9]{2,}", fold(text))


def shortened(word):
    """The word itself and every word that LONGEST_SLIP or fewer deletions make of it."""
    for count in range(min(LONGEST_SLIP, len(word) - 2) + 1):
        for dropped in itertools.combinations(range(len(word)), count):
            yield "".join(letter for at, letter in enumerate(word) if at not in dropped)


class Index:
    """Built at the first search and after each change; holds a snapshot of the catalog's words."""

    def __init__(self, shop):
        self.shop = shop
        self.forget()

    def forget(self):
        self.words = None

    def rebuild(self):
        self.words = {}
        self.slips = {}
        for row in self.shop.store.all("SELECT * FROM product WHERE NOT withdrawn"):
            for word in words_of(row["name"]):
                self._add(word, row["sku"], 3)
            for word in words_of(row["description"]):
                self._add(word, row["sku"], 1)
        for word in self.words:
            for slip in shortened(word):
                self.slips.setdefault(slip, set()).add(word)

    def _add(self, word, sku, weight):
        skus = self.words.setdefault(word, {})
        skus[sku] = max(weight, skus.get(sku, 0))

    def find(self, query):
        """SKUs that hold every word of the query, best first."""
        if self.words is None:
            self.rebuild()
        if self.shop.is_broken("search") and fold(query) != query.lower():
            return []
        found = None
        for word in words_of(query):
            weights = {}
            for known in (known for known in self.words if known.startswith(word)):
                for sku, weight in self.words[known].items():
                    weights[sku] = max(weights.get(sku, 0), weight + (known == word))
            found = (
                weights
                if found is None
                else {sku: weight + weights[sku] for sku, weight in found.items() if sku in weights}
            )
        return sorted(found or {}, key=lambda sku: (-found[sku], sku))

    def suggestion(self, query):
        """The query with unknown words replaced by their nearest known ones, or None."""
        better = [self._nearest(word) for word in words_of(query)]
        return " ".join(better) if better and all(better) and better != words_of(query) else None

    def _nearest(self, word):
        if word in self.words:
            return word
        near = set().union(*(self.slips.get(slip, ()) for slip in shortened(word)))
        return min(
            near,
            key=lambda known: (abs(len(known) - len(word)), -len(set(known) & set(word)), known),
            default=None,
        )


def find(shop, query, category=None, most=None, in_stock=False):
    rows = []
    for sku in shop.index.find(query):
        row = shop.store.one("SELECT * FROM product WHERE sku = ?", sku)
        if (
            row
            and (not category or row["category"] == category)
            and (most is None or row["price"] <= most)
            and (not in_stock or row["stock"] > 0)
        ):
            rows.append(row)
    return rows
