"""The roles ``value`` and ``given``, on a small real site."""

from __future__ import annotations

import json

from support import edit
from support.records import everything, record, store
from support.small_site import INDEX, Site, later, site  # noqa: F401  (a fixture)
from triptych.frameworks import FRAMEWORKS

PAGE = """\
# Tiny

It is {value}`tiny#Getting warmer/warm | words` *or* {value}`{tiny/jax#Cold start/cold} * 2`,
then {given}`5 % | the level of the test`.

- In a list: {value}`results/lab#resnet50 training/*/eager/memory | bytes`.
"""
MEASURED = "book/performance/measured"


def text_of(site: Site) -> str:
    return " ".join(site.html().get_text().split())


def with_records(site: Site) -> None:
    store(site.root, record("lab", everything()))
    site.page("# Measured\n", MEASURED)
    site.page(INDEX.replace("book/tiny\n", f"book/tiny\n{MEASURED}\n"), "index")


def test_a_value_stands_in_its_sentence_and_leads_to_where_it_was_computed(site):
    with_records(site)
    site.page(PAGE)
    assert site.build() == ""
    page, text = site.html(), text_of(site)
    assert "It is two or 3, then 5 %." in text
    assert "In a list: 2.0 to 8.0 GB." in text
    assert [link["href"] for link in page.select("a.stored-value")] == [
        "../notebooks/tiny/pytorch.html#getting-warmer",
        "../notebooks/tiny/jax.html#cold-start",
        "performance/measured.html",
    ]


def test_a_value_that_leads_nowhere_is_a_warning_at_its_line_and_the_page_stands(site):
    site.page(
        "# Tiny\n\nOne.\n\nIt is {value}`tiny#Cold start/warm`, {given}`5 %`,\n"
        "or {value}`tiny#Cold start/cold | 2 dogs`.\n"
    )
    warnings = site.build().splitlines()
    assert warnings[0].startswith("book/tiny.md:5: WARNING: tiny#Cold start/warm: no key 'warm' in notebooks")
    assert warnings[1].startswith("book/tiny.md:5: WARNING: 5 %: no reason; write {given}`")
    assert warnings[2].startswith("book/tiny.md:5: WARNING: tiny#Cold start/cold | 2 dogs")
    assert len(warnings) == 3
    marked = [code.get_text() for code in site.html().select("code.stored-value-unknown")]
    assert marked == ["tiny#Cold start/warm", "5 %", "tiny#Cold start/cold | 2 dogs"]


def test_the_page_follows_its_record_and_its_notebook(site):
    with_records(site)
    site.page(PAGE)
    site.build()
    again = json.dumps(record("lab", everything()))
    again = again.replace('"peak_bytes": 8000000001', '"peak_bytes": 9000000001')
    (site.root / "results/lab.json").write_text(again)
    assert site.build() == ""
    assert site.read == ["book/tiny"]
    assert "2.0 to 9.0 GB" in text_of(site)
    for framework in FRAMEWORKS:
        path = site.root / f"notebooks/tiny/{framework}.ipynb"
        edit(path, lambda n: n["cells"][-1]["outputs"][0]["data"].update({"text/plain": ["{'warm': 7}"]}))
        later(path)
    assert site.build() == ""
    assert "It is seven or" in text_of(site)
