"""The directives and the role that show the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from triptych.claims import ledger as claims
from triptych.claims.ledger import CHAPTERS, SYSTEMS, VERDICTS, Claim
from triptych.errors import TriptychError
from triptych.site.chapter import ChapterDirective
from triptych.site.claims import rows
from triptych.site.claims.domain import ClaimDomain, claim_domain, claim_link
from triptych.site.markup import row

LOGGER = logging.getLogger(__name__)


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
        return claim_domain(self.env)

    def content_nodes(self) -> list[nodes.Node]:
        """One table, or a sentence where no claim matches."""
        page = self.env.docname
        self.domain.note(page)
        chosen = list(self._chosen())
        if not chosen:
            return [nodes.paragraph("", "No claims.")]
        if "brief" in self.options:
            body = [rows.brief_row(page, claim) for claim in chosen]
            table = rows.table(rows.BRIEF, body, rows.TABLE, "claims-brief")
        else:
            self.domain.note(page, [claim.id for claim in chosen])
            mixed = len({claim.chapter for claim in chosen}) > 1
            body = [rows.full_row(self, self.domain.course, claim, mixed) for claim in chosen]
            table = rows.table(rows.FULL, body, rows.TABLE, "claims-full")
        self.set_source_info(table)
        return [table]

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


class ClaimCounts(ChapterDirective):
    """What the ledger has: the articles, the number of claims, a table of verdicts and articles."""

    def content_nodes(self) -> list[nodes.Node]:
        """Computed at every build."""
        domain = claim_domain(self.env)
        domain.note(self.env.docname)
        ledger = domain.ledger
        counts = claims.tally(ledger, "article_name", [article.name for article in ledger.articles])
        text = f"The ledger has {len(ledger.claims)} claims from {len(ledger.articles)} articles."
        if provisional := counts["provisional"][-1]:
            text += f" {provisional} verdicts are provisional: the chapters that decide them are to come."
        columns = dict.fromkeys(["Verdict", *(article.short for article in ledger.articles), "All"], 16)
        body = [row([name, *map(str, numbers)]) for name, numbers in counts.items()]
        articles = nodes.bullet_list("", *map(rows.listed, ledger.articles))
        return [articles, nodes.paragraph("", text), rows.table(columns, body, rows.COUNTS)]


class ClaimRole(SphinxRole):
    """A link to a claim's row that says the verdict."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The link; an unknown id becomes a warning at its own line."""
        domain = claim_domain(self.env)
        domain.note(self.env.docname)
        try:
            claim = domain.ledger.find(self.text)
        except TriptychError as error:
            LOGGER.warning(str(error), location=self.get_location(), type="triptych", subtype="claim")
            return [], []
        link = claim_link(self.env.docname, claim, [nodes.Text(f"claim: {rows.verdict(claim)}")])
        self.set_source_info(link)
        return [nodes.Text("("), link, nodes.Text(")")], []
