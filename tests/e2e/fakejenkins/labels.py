"""Label expressions in Jenkins' grammar; tightest first: ! && || -> <-> and parentheses."""

import re

TOKEN = re.compile(r'\s*(<->|->|&&|\|\||[!()]|"(?:[^"\\]|\\.)*"|(?:(?!->|<->)[^\s!()&|<>"])+)')
BINARY = [  # loosest first: operator, class of what it makes, its truth
    ("<->", "Iff", lambda a, b: a == b),
    ("->", "Implies", lambda a, b: not a or b),
    ("||", "Or", lambda a, b: a or b),
    ("&&", "And", lambda a, b: a and b),
]


class Label:
    """One expression: matches(labels of a node), its name as Jenkins shows it, and its class there."""

    def __init__(self, kind, name, matches):
        self.kind, self.name, self.matches = kind, name, matches
        self.nested = False  # one of a list of plain labels, which needs no class

    @property
    def class_name(self):
        base = "hudson.model.labels.Label"
        return f"{base}Atom" if self.kind == "Atom" else f"{base}Expression${self.kind}"


def tokens_of(text):
    found, position = [], 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if not match:
            raise ValueError(f"label expression {text!r}: not understood from {text[position:]!r}")
        found.append(match.group(1))
        position = match.end()
    return found


def atom(tokens):
    if not tokens:
        raise ValueError("label expression: it ends too early")
    token = tokens.pop(0)
    if token == "!":
        inner = atom(tokens)
        return Label("Not", f"!{inner.name}", lambda labels: not inner.matches(labels))
    if token == "(":
        inner = binary(tokens, 0)
        if not tokens or tokens.pop(0) != ")":
            raise ValueError("label expression: a parenthesis is not closed")
        return Label("Paren", f"({inner.name})", inner.matches)
    if token in (")", "&&", "||", "->", "<->"):
        raise ValueError(f"label expression: {token!r} where a label was expected")
    name = re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token
    return Label("Atom", name, lambda labels: name in labels)


def binary(tokens, level):
    if level == len(BINARY):
        return atom(tokens)
    sign, kind, truth = BINARY[level]
    left = binary(tokens, level + 1)
    while tokens and tokens[0] == sign:
        tokens.pop(0)
        left = joined(kind, sign, truth, left, binary(tokens, level + 1))
    return left


def joined(kind, sign, truth, left, right):
    return Label(kind, f"{left.name}{sign}{right.name}",
                 lambda labels: truth(left.matches(labels), right.matches(labels)))


def parse(text):
    """The Label of this expression; ValueError says what is wrong with it."""
    tokens = tokens_of(text)
    label = binary(tokens, 0)
    if tokens:
        raise ValueError(f"label expression {text!r}: {tokens[0]!r} where it should end")
    return label
