"""What the site knows of the claims: the ledger, and which page shows or cites which claim."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from triptych import files
from triptych.claims import ledger as claims
from triptych.claims.ledger import Claim, Ledger
from triptych.course import Course

LOGGER = logging.getLogger(__name__)

NAME = "claims"


class ClaimDomain(Domain):
    """Knows the ledger, and which page has which claim's row.

    ``data["pages"]`` has every page that shows or cites claims, with the ids of its full rows.
    """

    name = NAME
    label = "Claims"
    # Sphinx declares both for the instance, and keeps them in the class.
    initial_data = {"pages": {}, "ledger": ""}  # noqa: RUF012
    dangling_warnings = {  # noqa: RUF012
        "claim": "claim %(target)r stands on no page; show it in a {claims} table"
    }

    @cached_property
    def course(self) -> Course:
        """The course that the site is made of."""
        return Course.containing(Path(self.env.srcdir))

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, read once a build."""
        return claims.load(self.course)

    def note(self, page: str, shown: Iterable[str] = ()) -> None:
        """Read ``page`` again when the ledger changes; it has these claims' full rows."""
        self.data["pages"].setdefault(page, []).extend(shown)

    def clear_doc(self, docname: str) -> None:
        """Forget a page."""
        self.data["pages"].pop(docname, None)

    def merge_domaindata(self, docnames: Iterable[str], otherdata: dict[str, Any]) -> None:
        """Take over what another process noted of its pages."""
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
        return make_refnode(builder, fromdocname, page, anchor(target), node.children) if page else None

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.Element]]:
        """Nothing: a claim is cited by its own role."""
        return []


def claim_domain(env: BuildEnvironment) -> ClaimDomain:
    """The domain of this build."""
    return cast(ClaimDomain, env.get_domain(NAME))


def anchor(id: str) -> str:
    """The id of a claim's row on its page."""
    return f"claim-{id}"


def claim_link(page: str, claim: Claim, content: list[nodes.Node]) -> addnodes.pending_xref:
    """A link from ``page`` to the claim's row; a warning where no page has it."""
    return addnodes.pending_xref(
        "",
        *content,
        refdomain=NAME,
        reftype="claim",
        refdoc=page,
        reftarget=claim.id,
        refexplicit=True,
        refwarn=True,
    )


def examine(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Warn of the ledger's complaints; the pages to read again because it or a cited value changed."""
    domain = claim_domain(env)
    for line in domain.ledger.complaints:
        LOGGER.warning(line, type="triptych", subtype="claims")
    state = files.digest(repr(domain.ledger))
    if domain.data["ledger"] == state:
        return []
    domain.data["ledger"] = state
    return list(domain.data["pages"])
