"""What a search can find: the sections of a page, and how siblings' sections become one result.

A section of a page is found by its heading, its prose and its code; so are a term of the glossary
and the row of a claim. Siblings (notebooks of a chapter, exercises) have the same sections in
every framework: the reader wants one result, with a link for each framework.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from docutils import nodes
from sphinx import addnodes

from triptych.frameworks import PANELS
from triptych.notebooks.folds import PLUMBING

#: Never shown as running text: what stands for another thing, or is shown again elsewhere.
SKIPPED = (nodes.comment, nodes.raw, nodes.math, nodes.math_block, nodes.substitution_definition, nodes.image)

#: A line of a cell that nobody types into a search: packed weights, a hash.
PACKED = re.compile(r"^[\"' ]*[A-Za-z0-9+/=]{50,}[\"' ]*$\n?", re.MULTILINE)

#: Panels show the notebooks' sections, which are found by the notebooks' own pages.
PANELS_SET = "side-by-side"
#: A section with a worked solution is not found: who searches for an exercise is to try it first.
WORKED = "worked"
#: A brief table of claims shows those that have a row with reasons elsewhere.
BRIEF_CLAIMS = "claims-brief"


@dataclass
class Section:
    """A place that a result leads to.

    ``text`` has its prose and code in their order, each as (kind, text), the kind "prose", "code"
    or, where the code is folded, "plumbing"; ``anchor`` is empty for the top of a page. Where it
    has ``panels``, the section of its chapter's notebooks with the same heading stands there too.
    """

    page: str
    anchor: str
    heading: str
    text: list[tuple[str, str]] = field(default_factory=list)
    panels: bool = False


@dataclass
class Place:
    """A result: a section, and the same section in the notebooks of ``siblings``, by framework."""

    section: Section
    siblings: dict[str, Section] = field(default_factory=dict)


def sections(page: str, document: nodes.document) -> list[Section]:
    """The sections of a page that has been read, those without any text left out."""
    top = Section(page, "", "")
    found = [top]
    _collect(document, top, found)
    if len(found) > 1 and not top.text:
        found.remove(top)
    return [section for section in found if section.heading or section.text]


def _collect(parent: nodes.Node, into: Section, found: list[Section], code: str = "code") -> None:
    """Put the text below ``parent`` into the section ``into``, or into new ones where they begin."""
    for node in parent.children:
        if isinstance(node, SKIPPED) or not isinstance(node, nodes.Element):
            continue
        if WORKED in node["classes"]:
            found[:] = [section for section in found if section is not into]
            continue
        into.panels |= PANELS_SET in node["classes"]
        if {PANELS_SET, BRIEF_CLAIMS} & set(node["classes"]):
            continue
        begun = _begun(node, into.page)
        if begun is not None:
            found.append(begun)
            _collect(node, begun, found)
        elif isinstance(node, nodes.row):
            into.text.append(("prose", " · ".join(filter(None, map(_words, node.children)))))
        elif isinstance(node, nodes.literal_block):
            into.text.append((code, PACKED.sub("", node.astext()).strip()))
        elif node.get("nb_element") == "mime_bundle":
            into.text += [(code, text) for text in _plain(node)]
        elif isinstance(node, (nodes.TextElement, nodes.term)):
            if not isinstance(node, (nodes.title, nodes.term)) or isinstance(parent, nodes.Admonition):
                into.text.append(("prose", _words(node)))
        else:
            _collect(node, into, found, "plumbing" if f"tag_{PLUMBING}" in node["classes"] else code)


def _begun(node: nodes.Element, page: str) -> Section | None:
    """The section that begins with this node, if one does."""
    if isinstance(node, nodes.section) and isinstance(node.children[0], nodes.title):
        first = isinstance(node.parent, nodes.document)
        return Section(page, "" if first else node["ids"][0], node.children[0].astext())
    if isinstance(node, nodes.definition_list_item) and isinstance(node.parent.parent, addnodes.glossary):
        terms = list(node.findall(nodes.term))
        return Section(page, terms[0]["ids"][0], ", ".join(term.astext() for term in terms))
    if isinstance(node, nodes.row) and node["ids"]:
        paragraph = next(iter(node.findall(nodes.paragraph)), node)
        return Section(page, node["ids"][0], _words(paragraph))
    return None


def _words(node: nodes.Node) -> str:
    return " ".join(node.astext().split())


def _plain(bundle: nodes.Element) -> Iterator[str]:
    """A displayed value as text, where it has such a form."""
    for form in bundle.children:
        if isinstance(form, nodes.Element) and form.get("mime_type") == "text/plain":
            yield form.astext().strip()


def places(pages: Mapping[str, Iterable[Section]]) -> list[Place]:
    """The results of all pages, which come in the order of the book; siblings' sections made one.

    A section of a chapter's notebooks belongs to the section of the chapter's page that shows it,
    or else, as the exercises do, to the first sibling that has it.
    """
    home: dict[tuple[str, str, str], Place] = {}
    found = []
    for page in sorted(pages, key=lambda page: _parts(page)[0] != "book"):  # where siblings belong
        kind, chapter, name = _parts(page)
        for section in pages[page]:
            key = (kind, chapter, section.heading)
            if kind == "book":
                found.append(Place(section))
                if section.panels:
                    home.setdefault(("notebooks", chapter, section.heading), found[-1])
            elif name not in PANELS:
                found.append(Place(section))
            elif key in home:
                home[key].siblings[name] = section
            else:
                home[key] = Place(section, {name: section})
                found.append(home[key])
    return found


def _parts(page: str) -> tuple[str, str, str]:
    """The kind, chapter and name of a page: ``notebooks/graphs/jax``, ``book/graphs``."""
    parts = PurePosixPath(page).parts
    return parts[0], parts[1] if len(parts) > 1 else "", parts[-1]
