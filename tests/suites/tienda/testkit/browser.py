"""A browser without a window: follows links, fills in forms, keeps cookies, reads pages."""

import urllib.error
import urllib.request
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.parse import quote, urlencode, urljoin

VOID = frozenset(["meta", "input", "br", "hr", "link", "img"])


class Element:
    def __init__(self, tag, attributes, parent=None):
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.children = []

    def walk(self):
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def all(self, tag, css_class=None):
        return [
            element
            for element in self.walk()
            if element.tag == tag
            and (css_class is None or css_class in element.attributes.get("class", "").split())
        ]

    def first(self, tag, css_class=None):
        return next(iter(self.all(tag, css_class)), None)

    @property
    def text(self):
        parts = [child.text if isinstance(child, Element) else child for child in self.children]
        return " ".join(" ".join(parts).split())


class TreeBuilder(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = self.here = Element("document", {})

    def handle_starttag(self, tag, attributes):
        element = Element(tag, {name: value or "" for name, value in attributes}, self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag):
        assert self.here.tag == tag, f"the page closes <{tag}> inside <{self.here.tag}>"
        self.here = self.here.parent

    def handle_data(self, data):
        self.here.children.append(data)


def parse(source):
    builder = TreeBuilder()
    builder.feed(source)
    assert builder.here is builder.root, f"the page leaves <{builder.here.tag}> open"
    return builder.root


class Browser:
    def __init__(self, base_url):
        self.url = base_url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.status = None
        self.body = b""
        self.page = None

    def open(self, target, form=None):
        """Go there, through redirects; a page that says 404 is a page as well."""
        data = urlencode(form).encode() if form is not None else None
        address = urljoin(self.url, quote(target, safe="/:?&=%+"))
        try:
            answer = self.opener.open(address, data, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.url, self.status, self.body = answer.url, answer.status, answer.read()
            is_html = answer.headers.get_content_type() == "text/html"
        self.page = parse(self.body.decode()) if is_html else None

    @property
    def path(self):
        return "/" + self.url.split("/", 3)[3]

    @property
    def title(self):
        return self.page.first("h1").text

    @property
    def alert(self):
        said = self.page.first("p", "fault")
        return said.text if said else None

    @property
    def notice(self):
        said = self.page.first("p", "notice")
        return said.text if said else None

    def text_of(self, css_class, tag="p"):
        element = self.page.first(tag, css_class)
        assert element, f"{self.path} has no {tag}.{css_class}"
        return element.text

    def links(self):
        return {link.text: link.attributes["href"] for link in self.page.all("a")}

    def follow(self, text):
        assert (
            text in self.links()
        ), f"{self.path} has no link {text!r}, only {sorted(self.links())}"
        self.open(self.links()[text])

    def submit(self, button, **values):
        """Fill in the form with this button and send it."""
        form = next(
            (form for form in self.page.all("form") if form.first("button").text == button), None
        )
        assert form, f"{self.path} has no button {button!r}"
        filled = {**form_values(form), **values}
        action = form.attributes["action"]
        if form.attributes["method"] == "get":
            self.open(f"{action}?{urlencode(filled)}")
        else:
            self.open(action, filled)

    def has_button(self, text):
        return any(button.text == text for button in self.page.all("button"))

    def rows(self, table_class):
        """The body of a table: a list of texts per row."""
        table = self.page.first("table", table_class)
        return (
            [[cell.text for cell in row.all("td")] for row in table.first("tbody").all("tr")]
            if table
            else []
        )

    def sums(self):
        """The list of sums as a dictionary: {"Total": "12.00 €"}."""
        return {
            row.first("dt").text: row.first("dd").text
            for row in self.page.first("dl", "sums").all("div")
        }


def form_values(form):
    values = {
        field.attributes["name"]: field.attributes.get("value", "") for field in form.all("input")
    }
    for field in form.all("select"):
        options = field.all("option")
        chosen = next((option for option in options if "selected" in option.attributes), options[0])
        values[field.attributes["name"]] = chosen.text
    return values
