"""A directive that shows what became of the solutions' mutants, a row for each chapter.

    ```{mutants}
    ```

The counts are those of ``results/mutation.json``; the page is read again when the record changes.
"""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes
from sphinx.application import Sphinx

from triptych.dev import mutation_record as record
from triptych.frameworks import FRAMEWORKS
from triptych.site.chapter import ChapterDirective
from triptych.site.markup import row, table
from triptych.site.rebuild import note_records


class Mutants(ChapterDirective):
    """The table. A record that cannot be read is a warning at the directive's line."""

    def content_nodes(self) -> list[nodes.Node]:
        """The table, or how to get one where nothing is recorded."""
        note_records(self.env, self.course)
        totals = record.totals(record.read(self.course))
        if not totals:
            return [nodes.paragraph("", "Nothing is recorded yet: ", nodes.literal("", "make mutation"),
                                    nodes.Text(" counts."))]  # fmt: skip
        heads = ["Chapter", "Frameworks", "Mutants", *(kind.capitalize() for kind in record.KINDS)]
        every = {chapter: sum_of(of.values()) for chapter, of in totals.items()}
        body = [
            row(
                [
                    chapter,
                    ", ".join(FRAMEWORKS[f].title for f in FRAMEWORKS if f in totals[chapter]),
                    *_shown(each),
                ]
            )
            for chapter, each in every.items()
        ]
        body.append(row(["all", "", *_shown(sum_of(every.values()))]))
        made = table([], [2, 3, 1, 1, 1, 1], row(heads), body)
        self.set_source_info(made)
        return [made]


def sum_of(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """The sums of several counts, by kind."""
    listed = list(counts)
    return {kind: sum(each[kind] for each in listed) for kind in record.KINDS}


def _shown(counts: dict[str, int]) -> list[str]:
    return [f"{number:,}" for number in (sum(counts.values()), *counts.values())]


def add_mutants(app: Sphinx) -> None:
    """Add the directive; ``add_results`` has pages with records read again."""
    app.add_directive("mutants", Mutants)
