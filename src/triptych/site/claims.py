"""Sphinx directives and a role that show the ledger of claims.

A table of claims, each with its verdict, the reason and the evidence, whose stored
values are shown (all claims by default)::

    ```{claims}
    :chapter: graphs, autodiff
    :system: tensorflow
    :verdict: wrong, outdated
    :article: selection-guide
    ```

``:chapter:`` alone means the chapter that the page belongs to. With ``:brief:`` a row
is the claim and its verdict, and leads to the full row, wherever that stands.
A table with the number of claims for each article and verdict::

    ```{claim-counts}
    ```

and one claim cited in running text, as a link that says the verdict::

    Eager code and graphs mix {claim}`guide-tf-function-mixes`.

The tables are whole without JavaScript; ``claims.js`` adds the filter boxes.
Add the extension after ``triptych.site.side_by_side``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole
from sphinx.util.nodes import make_refnode

from triptych import __version__
from triptych.claims import ledger as claims
from triptych.claims.evidence import Reference
from triptych.claims.ledger import CHAPTERS, SYSTEMS, VERDICTS, Article, Claim, Ledger, Source
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import PANELS
from triptych.site.side_by_side import ChapterDirective, row, section_link

LOGGER = logging.getLogger(__name__)

#: What no style sheet asks for on a page of claims: a tenth of its size.
_STRIPE = re.compile(r' class="row-(?:odd|even)"')
_IDLE_SPAN = re.compile(r'<span class="std std-(?:ref|doc)">([^<]*)</span>')

#: What a framework calls something, in a claim's reason: `tf.function`, `jax.vmap`.
_NAME = re.compile(r"\b(?:tf|torch|jax|jnp|lax|keras|mxnet|gluon)(?:\.\w+)+")

#: The class of a table of claims, which the style sheet and the script look for.
TABLE = "claims"

#: The columns, by their titles, with the characters that they have as plain text (Sphinx's text
#: builder never ends where a column is narrower than a word).
FULL = {"The article says": 40, "Verdict": 16, "Why": 50}
BRIEF = {"Claim": 40, "About": 16, "Chapter": 16, "Article": 16, "Verdict": 16}

#: What a claim about no system is about, and how a verdict that may change is marked.
FIELD, TO_BE_RUN = "the field", "to be run"


class ClaimDomain(Domain):
    """Knows the ledger, and which page has which claim's row.

    ``data["pages"]`` has every page that shows or cites claims, with the ids of its full rows.
    """

    name = "claims"
    label = "Claims"
    initial_data: ClassVar = {"pages": {}, "ledger": ""}
    dangling_warnings: ClassVar = {"claim": "claim %(target)r stands on no page; show it in a {claims} table"}

    @cached_property
    def course(self) -> Course:
        """The course that the site is made of."""
        return Course.containing(Path(self.env.srcdir))

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, read once a build."""
        return claims.load(self.course)

    def note(self, page: str, shown: Iterable[str] = ()) -> None:
        """``page`` is to be read again when the ledger changes; it has these claims' full rows."""
        self.data["pages"].setdefault(page, []).extend(shown)

    def clear_doc(self, docname: str) -> None:
        """Forget a page."""
        self.data["pages"].pop(docname, None)

    def merge_domaindata(self, docnames: Iterable[str], otherdata: dict[str, Any]) -> None:
        """Take over what another process found on its pages."""
        pages = otherdata["pages"]
        self.data["pages"].update({name: pages[name] for name in docnames if name in pages})

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """A link to the claim's row; to the first page by name where several have it."""
        pages = (page for page, ids in sorted(self.data["pages"].items()) if target in ids)
        page = next(pages, None)
        return page and make_refnode(builder, fromdocname, page, _anchor(target), node.children)

    def resolve_any_xref(self, *arguments: Any) -> list[tuple[str, nodes.reference]]:
        """Nothing: a claim is cited by its own role."""
        return []


class Claims(ChapterDirective):
    """The claims of a chapter, an article, a framework or a verdict in one table."""

    option_spec: ClassVar = {
        "chapter": directives.unchanged,
        "article": directives.unchanged_required,
        "system": directives.unchanged_required,
        "verdict": directives.unchanged_required,
        "brief": directives.flag,
    }

    @cached_property
    def domain(self) -> ClaimDomain:
        """The claims that there are."""
        return self.env.get_domain(ClaimDomain.name)

    def shown(self) -> list[nodes.Node]:
        """One table, or a sentence where no claim is meant."""
        self.domain.note(self.env.docname)
        found = list(self._chosen())
        if not found:
            return [nodes.paragraph("", "No claims.")]
        if "brief" in self.options:
            return [self._table("claims-brief", BRIEF, map(self._brief_row, found))]
        self.domain.note(self.env.docname, [claim.id for claim in found])
        mixed = len({claim.chapter for claim in found}) > 1
        return [self._table("claims-full", FULL, (self._row(claim, mixed) for claim in found))]

    def _chosen(self) -> Iterator[Claim]:
        ledger = self.domain.ledger
        chapters = self._names("chapter", CHAPTERS)
        articles = self._names("article", [article.name for article in ledger.articles])
        systems, verdicts = self._names("system", SYSTEMS), self._names("verdict", VERDICTS)
        for claim in ledger.claims:
            wanted = (
                claim.chapter in chapters,
                claim.article.name in articles,
                "system" not in self.options or set(systems) & set(claim.systems),
                claim.verdict in verdicts,
            )
            if all(wanted):
                yield claim

    def _names(self, option: str, known: Iterable[str]) -> list[str]:
        """The option's comma list, or all ``known`` names."""
        if option not in self.options:
            return list(known)
        names = [name.strip() for name in (self.options[option] or self.chapter).split(",")]
        if unknown := [name for name in names if name not in known]:
            raise TriptychError(
                f":{option}: {', '.join(unknown)}", f"no such {option}", f"there are: {', '.join(known)}"
            )
        return names

    def _table(self, kind: str, columns: Mapping[str, int], rows: Iterable[nodes.row]) -> nodes.table:
        table = _table(columns, rows, [TABLE, kind])
        self.set_source_info(table)
        return table

    def _brief_row(self, claim: Claim) -> nodes.row:
        """The leanest mark-up that there is: all claims stand on one page."""
        verdict = f"{claim.verdict}, {TO_BE_RUN}" if claim.provisional else claim.verdict
        said = [_claim_link(self.env.docname, claim, _inline(claim.text))]
        # The filter finds a claim also by the names in its reason.
        if names := [name for name in dict.fromkeys(_NAME.findall(claim.because)) if name not in claim.text]:
            said += [nodes.Text(" "), nodes.inline("", ", ".join(names), classes=["names"])]
        return nodes.row(
            "",
            _cell(nodes.paragraph("", "", *said)),
            nodes.entry("", nodes.Text(_systems(claim)), classes=["by-system"]),
            nodes.entry("", nodes.Text(claim.chapter.capitalize()), classes=["by-chapter"]),
            nodes.entry("", nodes.Text(claim.article.short), classes=["by-article"]),
            nodes.entry("", nodes.Text(verdict), classes=["by-verdict", _kind(claim)]),
        )

    def _row(self, claim: Claim, with_chapter: bool) -> nodes.row:
        anchor = _anchor(claim.id)
        known = self.state.document.ids
        section = f", {claim.section} {claim.article.sections.get(claim.section, '')}".rstrip() + " · "
        article = _by("article", claim.article.short)
        about = nodes.paragraph("", "", article, nodes.Text(section), classes=["claim-about"])
        if with_chapter:
            about += [_by("chapter", claim.chapter.capitalize()), nodes.Text(" · ")]
        about += [_by("system", _systems(claim)), nodes.Text(" · ")]
        about += nodes.reference("", claim.id, refid=anchor)
        said = _cell(nodes.paragraph("", "", *_inline(claim.text)), about)
        why = _cell(nodes.paragraph("", "", *_inline(claim.because)))
        if cited := [*claim.evidence, *_further(claim)]:
            why += nodes.bullet_list("", *(self._item(evidence) for evidence in cited))
        made = nodes.row("", said, _verdict(claim), why)
        if anchor not in known:  # a second table on the page has no anchors of its own
            made["ids"] = [anchor]
            known[anchor] = made
        return made

    def _item(self, evidence: Reference | Source) -> nodes.list_item:
        parts = self._source(evidence) if isinstance(evidence, Source) else self._stored(evidence)
        return nodes.list_item("", nodes.paragraph("", "", *parts))

    def _source(self, source: Source) -> list[nodes.Node]:
        title = (
            nodes.reference("", source.title, refuri=source.url) if source.url else nodes.Text(source.title)
        )
        version = f", version {source.version}" if source.version else ""
        return [title, nodes.Text(f", {source.publisher}, {source.date}{version}")]

    def _stored(self, reference: Reference) -> Iterator[nodes.Node]:
        """Links to the section in each notebook, and the value that they have stored."""
        for number, name in enumerate(reference.values):
            path = self.domain.course.root / "notebooks" / reference.chapter / f"{name}.ipynb"
            if number:
                yield nodes.Text(", ")
            yield section_link(self, path, reference.heading, PANELS[name].title if name in PANELS else name)
        yield nodes.Text(f" · {reference.heading} · {reference.key} = ")
        yield nodes.literal("", repr(reference.value))


class ClaimCounts(ChapterDirective):
    """What the ledger has: the articles, the number of claims, a table of verdicts and articles."""

    def shown(self) -> list[nodes.Node]:
        """Computed at every build."""
        domain = self.env.get_domain(ClaimDomain.name)
        domain.note(self.env.docname)
        ledger = domain.ledger
        rows = claims.tally(ledger, "article_name", [article.name for article in ledger.articles])
        told = f"The ledger has {len(ledger.claims)} claims from {len(ledger.articles)} articles."
        if open_ := rows["provisional"][-1]:
            told += f" {open_} verdicts are provisional: the chapters that decide them are to come."
        columns = dict.fromkeys(["Verdict", *(article.short for article in ledger.articles), "All"], 16)
        body = (row([name, *map(str, numbers)]) for name, numbers in rows.items())
        articles = nodes.bullet_list("", *map(_listed, ledger.articles))
        return [articles, nodes.paragraph("", told), _table(columns, body, ["claim-counts"])]


class ClaimRole(SphinxRole):
    """A link to a claim's row that says the verdict."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The link; an unknown id becomes a warning at its own line."""
        domain = self.env.get_domain(ClaimDomain.name)
        domain.note(self.env.docname)
        try:
            claim = domain.ledger.find(self.text)
        except TriptychError as error:
            LOGGER.warning(str(error), location=self.get_location(), type="triptych", subtype="claim")
            return [], []
        verdict = claim.verdict + (f", {TO_BE_RUN}" if claim.provisional else "")
        link = _claim_link(self.env.docname, claim, [nodes.Text(f"claim: {verdict}")])
        self.set_source_info(link)
        return [nodes.Text("("), link, nodes.Text(")")], []


# --- parts of a row --------------------------------------------------------------


def _anchor(id: str) -> str:
    return f"claim-{id}"


def _claim_link(page: str, claim: Claim, content: list[nodes.Node]) -> addnodes.pending_xref:
    return addnodes.pending_xref(
        "",
        *content,
        refdomain=ClaimDomain.name,
        reftype="claim",
        refdoc=page,
        reftarget=claim.id,
        refexplicit=True,
        refwarn=True,
    )


def _listed(article: Article) -> nodes.list_item:
    original = nodes.inline("", article.original, classes=["language-zh"])
    title = nodes.emphasis("", article.title)
    date = nodes.Text(f", {article.date})" if article.date else ")")
    parts = [nodes.strong("", article.short), nodes.Text(": "), title, nodes.Text(" ("), original, date]
    return nodes.list_item("", nodes.paragraph("", "", *parts))


def _inline(text: str) -> list[nodes.Node]:
    """Text in which `backquotes` mark code."""
    parts = re.split(r"`([^`]+)`", " ".join(text.split()))
    return [nodes.literal("", part) if i % 2 else nodes.Text(part) for i, part in enumerate(parts) if part]


def _by(what: str, text: str, *classes: str) -> nodes.inline:
    """Words, with commas between them, that the script filters by."""
    return nodes.inline("", text, classes=[f"by-{what}", *classes])


def _systems(claim: Claim) -> str:
    return ", ".join(SYSTEMS[name] for name in claim.systems) or FIELD


def _kind(claim: Claim) -> str:
    return f"verdict-{claim.verdict.split()[0]}"


def _verdict(claim: Claim) -> nodes.entry:
    cell = _cell(nodes.paragraph("", "", _by("verdict", claim.verdict, _kind(claim))))
    if claim.provisional:
        cell += nodes.paragraph("", "provisional: ", _by("verdict", TO_BE_RUN), classes=["claim-open"])
    return cell


def _table(columns: Mapping[str, int], rows: Iterable[nodes.row], classes: list[str]) -> nodes.table:
    specs = [nodes.colspec(colwidth=width) for width in columns.values()]
    head, body = nodes.thead("", row(columns)), nodes.tbody("", *rows)
    group = nodes.tgroup("", *specs, head, body, cols=len(specs))
    return nodes.table("", group, classes=[*classes, "colwidths-auto"])


def _cell(*content: nodes.Node) -> nodes.entry:
    return nodes.entry("", *content)


def _further(claim: Claim) -> list[Reference]:
    """The values that the verdict was measured by, and that are not cited anyway."""
    cited = {evidence.text for evidence in claim.evidence if isinstance(evidence, Reference)}
    measured = {reference.text: reference for condition in claim.expect for reference in condition.references}
    return [reference for text, reference in measured.items() if text not in cited]


# --- the build ---------------------------------------------------------------------


def _examine(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Warn of what is wrong; pages about claims are read again when the ledger or a cited value changed."""
    domain = env.get_domain(ClaimDomain.name)
    for line in domain.ledger.complaints:
        LOGGER.warning(line, type="triptych", subtype="claims")
    state = hashlib.sha256(repr(domain.ledger).encode()).hexdigest()
    if domain.data["ledger"] == state:
        return []
    domain.data["ledger"] = state
    return list(domain.data["pages"])


def _page_files(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Only pages with a table load the script and the style sheet; they go without mark-up of no use."""
    tables = list(doctree.findall(nodes.table)) if doctree else []
    if any({TABLE, "claim-counts"} & set(table["classes"]) for table in tables):
        app.add_css_file("claims.css", priority=700)
    if any(TABLE in table["classes"] for table in tables):
        app.add_js_file("claims.js", defer="defer")
        context["body"] = _IDLE_SPAN.sub(r"\1", _STRIPE.sub("", context["body"]))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the domain, the directives and the role."""
    app.setup_extension("triptych.site.side_by_side")
    app.add_domain(ClaimDomain)
    app.add_directive("claims", Claims)
    app.add_directive("claim-counts", ClaimCounts)
    app.add_role("claim", ClaimRole())
    app.connect("env-get-outdated", _examine)
    app.connect("html-page-context", _page_files)
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
