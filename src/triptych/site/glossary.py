"""The glossary beyond Sphinx's own: a list of its terms above it, and on every link to a term what it means.

The list is for a small screen, on which the glossary is many screens long; what a term means is
shown where the pointer rests on its link.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

TERMS = "glossary-terms"


def list_terms(app: Sphinx, document: nodes.document) -> None:
    """Put the list above a glossary: the first term of each entry."""
    for glossary in list(document.findall(addnodes.glossary)):
        terms = [
            next(iter(item.findall(nodes.term))) for item in glossary.findall(nodes.definition_list_item)
        ]
        links: list[nodes.Node] = []
        for term in terms:
            links += [nodes.Text(" · ")] if links else []
            links.append(nodes.reference("", term.astext(), internal=True, refid=term["ids"][0]))
        around = glossary.parent
        around.insert(around.index(glossary), nodes.paragraph("", "", *links, classes=[TERMS]))


def _meanings(app: Any) -> dict[str, str]:
    """What each term means, by its id; read once a build."""
    if not hasattr(app, "triptych_meanings"):
        app.triptych_meanings = {}
        for page in {page for page, *_ in app.env.domaindata["std"]["terms"].values()}:
            for item in app.env.get_doctree(page).findall(nodes.definition_list_item):
                paragraph = next(iter(item.findall(nodes.paragraph)), None)
                if paragraph is not None:
                    ids = [id for term in item.findall(nodes.term) for id in term["ids"]]
                    app.triptych_meanings |= dict.fromkeys(ids, " ".join(paragraph.astext().split()))
    return app.triptych_meanings


def explain_links(app: Sphinx, document: nodes.document, page: str) -> None:
    """Give the page's links to terms their meaning as a title."""
    for link in document.findall(nodes.reference):
        inside = link.children[0] if link.children else None
        if isinstance(inside, nodes.Element) and "std-term" in inside["classes"]:
            anchor = link.get("refid") or link.get("refuri", "").partition("#")[2]
            if meaning := _meanings(app).get(anchor):
                link["reftitle"] = meaning


def add_glossary(app: Sphinx) -> None:
    """Connect both; the style is the site's own."""
    app.connect("doctree-read", list_terms)
    app.connect("doctree-resolved", explain_links)
