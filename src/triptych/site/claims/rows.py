"""How a claim looks: rows of the tables of claims."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from triptych.claims.ledger import SYSTEMS, Article, Claim, Source
from triptych.claims.references import Reference
from triptych.course import Course
from triptych.frameworks import PANELS
from triptych.site import markup
from triptych.site.claims.domain import anchor, claim_link
from triptych.site.values.roles import MEASURED

#: The classes of a table of claims and of the table of counts, which style sheet and script look for.
TABLE, COUNTS = "claims", "claim-counts"

#: The columns, by their titles, with the characters that they have as plain text (Sphinx's text
#: builder never ends where a column is narrower than a word).
FULL = {"The article says": 40, "Verdict": 16, "Why": 50}
BRIEF = {"Claim": 40, "About": 16, "Chapter": 16, "Article": 16, "Verdict": 16}

#: What a claim about no system is about, and how a verdict that may change is marked.
FIELD, TO_BE_RUN = "the field", "to be run"

#: What a framework calls something, in a claim's reason: `tf.function`, `jax.vmap`.
_NAME = re.compile(r"\b(?:tf|torch|jax|jnp|lax|keras|mxnet|gluon)(?:\.\w+)+")


def table(columns: Mapping[str, int], body: Iterable[nodes.row], *classes: str) -> nodes.table:
    """A table with these columns."""
    return markup.table(classes, list(columns.values()), markup.row(columns), body)


def verdict(claim: Claim) -> str:
    """The verdict in words, and whether a chapter is still to decide it."""
    return f"{claim.verdict}, {TO_BE_RUN}" if claim.provisional else claim.verdict


def brief_row(page: str, claim: Claim) -> nodes.row:
    """The leanest mark-up that there is: all claims stand on one page."""
    text: list[nodes.Node] = [claim_link(page, claim, _inline(claim.text))]
    # The filter finds a claim also by the names in its reason.
    if names := [name for name in dict.fromkeys(_NAME.findall(claim.because)) if name not in claim.text]:
        text += [nodes.Text(" "), nodes.inline("", ", ".join(names), classes=["names"])]
    return nodes.row(
        "",
        _cell(nodes.paragraph("", "", *text)),
        nodes.entry("", nodes.Text(_systems(claim)), classes=["by-system"]),
        nodes.entry("", nodes.Text(claim.chapter.capitalize()), classes=["by-chapter"]),
        nodes.entry("", nodes.Text(claim.article.short), classes=["by-article"]),
        nodes.entry("", nodes.Text(verdict(claim)), classes=["by-verdict", _kind(claim)]),
    )


def full_row(directive: SphinxDirective, course: Course, claim: Claim, with_chapter: bool) -> nodes.row:
    """The claim with its verdict, reason and evidence; the page's first row of a claim is its anchor."""
    id = anchor(claim.id)
    section = f", {claim.section} {claim.article.sections.get(claim.section, '')}".rstrip() + " · "
    about = nodes.paragraph("", "", _by("article", claim.article.short), nodes.Text(section))
    about["classes"].append("claim-about")
    if with_chapter:
        about += [_by("chapter", claim.chapter.capitalize()), nodes.Text(" · ")]
    about += [_by("system", _systems(claim)), nodes.Text(" · ")]
    about += nodes.reference("", claim.id, refid=id)
    text = _cell(nodes.paragraph("", "", *_inline(claim.text)), about)
    why = _cell(nodes.paragraph("", "", *_inline(claim.because)))
    if cited := [*claim.evidence, *_further(claim)]:
        why += nodes.bullet_list("", *(_evidence(directive, course, one) for one in cited))
    row = nodes.row("", text, _verdict_cell(claim), why)
    ids = directive.state.document.ids
    if id not in ids:  # a second table on the page has no anchors of its own
        row["ids"] = [id]
        ids[id] = row
    return row


def listed(article: Article) -> nodes.list_item:
    """An article in a list: its short name, its title, and the original's title and date."""
    original = nodes.inline("", article.original, classes=["language-zh"])
    title = nodes.emphasis("", article.title)
    date = nodes.Text(f", {article.date})" if article.date else ")")
    parts = [nodes.strong("", article.short), nodes.Text(": "), title, nodes.Text(" ("), original, date]
    return nodes.list_item("", nodes.paragraph("", "", *parts))


def _evidence(directive: SphinxDirective, course: Course, evidence: Reference | Source) -> nodes.list_item:
    paragraph = nodes.paragraph()
    if isinstance(evidence, Source):
        paragraph += _source(evidence)
    else:
        paragraph += list(_stored(directive, course, evidence))
    return nodes.list_item("", paragraph)


def _source(source: Source) -> list[nodes.Node]:
    title = nodes.reference("", source.title, refuri=source.url) if source.url else nodes.Text(source.title)
    version = f", version {source.version}" if source.version else ""
    return [title, nodes.Text(f", {source.publisher}, {source.date}{version}")]


def _stored(directive: SphinxDirective, course: Course, reference: Reference) -> Iterator[nodes.Node]:
    """Links to the section in each notebook, or to what was measured, and the value."""
    if reference.recorded:
        machine, _, place = reference.text.partition("#")
        yield markup.page_link(directive, MEASURED, machine)
        yield nodes.Text(f" · {' · '.join(place.split('/'))} = ")
        yield nodes.literal("", f"{reference.value:.3g}")
        return
    for number, name in enumerate(reference.values):
        path = course.root / "notebooks" / reference.chapter / f"{name}.ipynb"
        if number:
            yield nodes.Text(", ")
        title = PANELS[name].title if name in PANELS else name
        yield markup.section_link(directive, path, reference.heading, title)
    yield nodes.Text(f" · {reference.heading} · {reference.key} = ")
    yield nodes.literal("", repr(reference.value))


def _further(claim: Claim) -> list[Reference]:
    """The values that the verdict was measured by, and that are not cited anyway."""
    cited = {evidence.text for evidence in claim.evidence if isinstance(evidence, Reference)}
    measured = {reference.text: reference for condition in claim.expect for reference in condition.references}
    return [reference for text, reference in measured.items() if text not in cited]


def _inline(text: str) -> list[nodes.Node]:
    """Text in which `backquotes` mark code."""
    parts = re.split(r"`([^`]+)`", " ".join(text.split()))
    return [nodes.literal("", part) if i % 2 else nodes.Text(part) for i, part in enumerate(parts) if part]


def _by(field: str, text: str, *classes: str) -> nodes.inline:
    """Words, with commas between them, that the script filters by."""
    return nodes.inline("", text, classes=[f"by-{field}", *classes])


def _systems(claim: Claim) -> str:
    return ", ".join(SYSTEMS[name] for name in claim.systems) or FIELD


def _kind(claim: Claim) -> str:
    return f"verdict-{claim.verdict.split()[0]}"


def _verdict_cell(claim: Claim) -> nodes.entry:
    cell = _cell(nodes.paragraph("", "", _by("verdict", claim.verdict, _kind(claim))))
    if claim.provisional:
        cell += nodes.paragraph("", "provisional: ", _by("verdict", TO_BE_RUN), classes=["claim-open"])
    return cell


def _cell(*content: nodes.Node) -> nodes.entry:
    return nodes.entry("", *content)
