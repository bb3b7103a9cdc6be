"""HTML as a strict reader sees it: its text, its links, and whether it is well made."""

from __future__ import annotations

from html.parser import HTMLParser

#: Elements without an end.
_VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """One HTML document; raises AssertionError where an element is not closed in its place."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.doctype = ""
        self.language: str | None = None
        self.title = ""
        #: Of the <body>, in its order.
        self.texts: list[str] = []
        #: Of <a> elements: href → text.
        self.links: dict[str, str] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self._href: str | None = None
        self.feed(text)
        self.close()
        assert self._open == [], self._open

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        if tag == "html":
            self.language = given.get("lang")
        if tag == "a":
            assert self._href is None, "links do not nest"
            self._href = given["href"] or ""
            self.links.setdefault(self._href, "")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, tag
        if tag == "a":
            self._href = None

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title += data
        elif "body" in self._open and data.strip():
            self.texts.append(data)
            if self._href is not None:
                self.links[self._href] += data
