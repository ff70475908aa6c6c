"""What of an object a reply shows: views with visibilities, `depth=`, and the `tree=` language.

A view names the fields of a class. Without a tree, a field is shown when its visibility is at least the level of
nesting (1 at the top, lowered by `depth`); with one, when the tree names it.
"""

import re

TOKEN = re.compile(r"[\w.$*-]+|[\[\]{},]")


class Field:
    def __init__(self, name, getter, visibility=1, inline=False):
        self.name, self.getter, self.visibility, self.inline = name, getter, visibility, inline


class View:
    """`class_name` is a text, None (never shown) or a function of the object."""

    def __init__(self, class_name, *fields):
        self.class_name, self.fields = class_name, fields

    def title(self, thing):
        """Its class, which is enough for a page that nobody reads."""
        name = self.class_name(thing) if callable(self.class_name) else self.class_name
        return name or "Jenkins"

    def __call__(self, thing):
        return None if thing is None else Shown(self, thing)

    def each(self, things):
        return [Shown(self, thing) for thing in things]


class Shown:
    """An object seen through a view."""

    __slots__ = ("view", "thing")

    def __init__(self, view, thing):
        self.view, self.thing = view, thing

    def export(self, cut):
        name = self.view.class_name
        name = name(self.thing) if callable(name) else name
        shown = {"_class": name} if name else {}
        for field in self.view.fields:
            inner, window = cut.accept(field)
            if inner is not None:
                shown[field.name] = export(field.getter(self.thing), inner, window)
        return shown


class ByDepth:
    def __init__(self, level):
        self.level = level

    def accept(self, field):
        if field.visibility < self.level:
            return None, None
        return (self if field.inline else ByDepth(self.level + 1)), None


class ByTree:
    def __init__(self, wanted):
        self.wanted = wanted

    def accept(self, field):
        inner, window = self.wanted.get(field.name) or self.wanted.get("*") or (None, None)
        return (None if inner is None else ByTree(inner)), window


def export(value, cut, window=None):
    if isinstance(value, Shown):
        return value.export(cut)
    if isinstance(value, list):
        return [export(item, cut) for item in (value[window] if window else value)]
    if isinstance(value, dict):
        return {key: export(item, cut) for key, item in value.items()}
    return value


def branches(tokens):
    found = {}
    while tokens and tokens[0] != "]":
        name, inner, window = tokens.pop(0), {}, None
        if name in "[]{},":
            raise ValueError(f"tree: {name!r} where a name was expected")
        if tokens[:1] == ["["]:
            tokens.pop(0)
            inner = branches(tokens)
            if not tokens:
                raise ValueError("tree: ']' is missing")
            tokens.pop(0)
        if tokens[:1] == ["{"]:
            window = window_of(tokens)
        found[name] = (inner, window)
        if tokens[:1] == [","]:
            tokens.pop(0)
    return found


def window_of(tokens):
    """{from,to} with either left out, or {n} for one."""
    end = tokens.index("}") if "}" in tokens else None
    if end is None:
        raise ValueError("tree: '}' is missing")
    inside, tokens[:end + 1] = tokens[1:end], []
    if inside and "," not in inside:
        return slice(int(inside[0]), int(inside[0]) + 1)
    comma = inside.index(",") if inside else 0
    start, stop = inside[:comma], inside[comma + 1:]
    return slice(int(start[0]) if start else 0, int(stop[0]) if stop else None)


def parse(text):
    if TOKEN.sub("", text).strip():
        raise ValueError(f"tree: {text!r} is not understood")
    tokens = TOKEN.findall(text)
    found = branches(tokens)
    if tokens:
        raise ValueError("tree: ']' without its '['")
    return found


def cut_of(query):
    """What the `tree` or `depth` of a request leaves."""
    if "tree" in query:
        return ByTree(parse(query["tree"]))
    return ByDepth(1 - int(query.get("depth", 0)))
