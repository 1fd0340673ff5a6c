"""The directive for matrices, on a small real course built by Sphinx itself."""

from __future__ import annotations

import pytest

from support import section
from support.small_site import Site
from triptych.frameworks import FRAMEWORKS

PAGE = """\
# Tiny

```{matrix} Choosing
:with: Costs
:lines: {0} | {1} | {2:g} kB | {3:.2g} ms
:absent: no way
```
"""


def filled(framework: str) -> list[list[dict]]:
    ways = {"program": [f"{framework} --export", True], "phone": ["a runtime", False]}
    costs = {"program": [103.25, 0.125], "phone": [0.0, 2.0]}
    if framework == "jax":
        del ways["phone"], costs["phone"]
    return [
        section("Start", "{'paths': 2}"),
        section("Choosing", repr({"paths": 2, "only": {**ways, "note": "no list, no row"}})),
        section("Costs", repr({"machine": "a desk", "only": costs})),
    ]


@pytest.fixture
def site(course, save) -> Site:
    for framework in FRAMEWORKS:
        save(framework, *filled(framework))
    site = Site(course)
    site.page(PAGE)
    return site


def table(site: Site) -> list[list[str]]:
    rows = site.html().select("table.matrix tr")
    return [[cell.get_text("/", strip=True) for cell in row.select("th, td")] for row in rows]


def test_each_row_is_what_the_notebooks_gave_it(site):
    assert site.build() == ""
    assert table(site) == [
        ["Path", "PyTorch", "TensorFlow", "JAX"],
        ["program", *(f"{name} --export/works/103.25 kB/0.12 ms" for name in FRAMEWORKS)],
        ["phone", "a runtime/fails/2 ms", "a runtime/fails/2 ms", "no way"],
    ]


def test_a_columns_head_leads_to_the_section_it_was_read_from(site):
    site.build()
    links = [link["href"] for link in site.html().select("table.matrix th a")]
    assert links == [f"../notebooks/tiny/{name}.html#choosing" for name in FRAMEWORKS]


def test_the_first_column_has_the_heads_name(site):
    site.page(PAGE.replace(":absent:", ":head: Way\n:absent:"))
    assert site.build() == ""
    assert table(site)[0][0] == "Way"


def test_without_another_section_and_lines_it_shows_the_first_of_each_list(site):
    site.page("# Tiny\n\n```{matrix} Choosing\n```\n")
    assert site.build() == ""
    assert table(site)[1] == ["program", *(f"{name} --export" for name in FRAMEWORKS)]


def test_the_page_is_built_again_when_a_notebook_changes(site, save):
    site.build()
    save("jax", *[[cell for cell in part] for part in filled("pytorch")])
    site.build()
    assert "book/tiny" in site.read
    assert table(site)[2][3] == "a runtime/fails/2 ms"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("Choosing\n", "Guessing\n"),
            "no section 'Guessing'; its sections are: 'Start', 'Choosing', 'Costs'",
        ),
        ((":with: Costs", ":with: Start"), "Start: no lists under 'only'; give each row a list there"),
        (("{0} |", "{name} |"), "has names; write positions: {0}, {1:g}, ..."),
        (("{0} |", "{0:g} |"), "does not fit"),
    ],
)
def test_what_is_wrong_is_a_located_warning(site, change, told):
    site.page(PAGE.replace(*change))
    warnings = site.build()
    assert warnings.startswith("book/tiny.md:3: WARNING")
    assert told in warnings
