"""The ledger of claims on the pages.

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
"""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from triptych.site.claims.directives import ClaimCounts, ClaimRole, Claims
from triptych.site.claims.domain import ClaimDomain, examine
from triptych.site.claims.rows import COUNTS, TABLE
from triptych.site.page_files import PageFiles


def add_claims(app: Sphinx, files: PageFiles) -> None:
    """Add the domain, the directives and the role, and the tables' style sheet and script."""
    app.add_domain(ClaimDomain)
    app.add_directive("claims", Claims)
    app.add_directive("claim-counts", ClaimCounts)
    app.add_role("claim", ClaimRole())
    app.connect("env-get-outdated", examine)
    files.add(Path(__file__).with_name("claims.css"), TABLE, COUNTS)
    files.add(Path(__file__).with_name("claims.js"), TABLE, defer="defer")
