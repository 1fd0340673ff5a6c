"""Worked solutions on a small real course built by Sphinx itself."""

from __future__ import annotations

import json

import nbformat
import pytest

from support.small_site import CONF, INDEX, Site, later, site  # noqa: F401  (a fixture)
from triptych.frameworks import FRAMEWORKS

PAGE = """\
# Worked

First try.

## Double it

```{worked} tiny/double
Twice is *once and once more*.
```
"""


def answered(site: Site, framework: str, *answers: str) -> None:
    """Write the solutions of two exercises: ``double`` has these answers, ``halve`` has another one."""

    def cell(name: str, text: str, **marks: bool) -> nbformat.NotebookNode:
        metadata = {"nbgrader": {"grade_id": name, "solution": False, "grade": False} | marks}
        return nbformat.v4.new_code_cell(text, metadata=metadata)

    cells = [cell(f"a{number}", text, solution=True) for number, text in enumerate(answers)]
    cells += [cell("double", "assert double(1) == 2", grade=True)]
    cells += [cell("b", "def halve(x):\n    return x / 2", solution=True), cell("halve", "", grade=True)]
    path = site.root / "solutions/tiny" / f"{framework}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=cells)))


def answer(framework: str) -> str:
    return (
        f'def double(x):\n    """Twice."""\n    ### BEGIN SOLUTION\n    return x + {framework}(x)\n'
        "    ### END SOLUTION"
    )


@pytest.fixture
def worked(site: Site) -> Site:
    (site.root / "conf.py").write_text(CONF + "exclude_patterns += ['solutions']\n")
    for framework in FRAMEWORKS:
        answered(site, framework, answer(framework), "import math")
        site.page("# To do\n", f"exercises/tiny/{framework}")
    pages = "\n".join(["book/tiny/worked", *(f"exercises/tiny/{name}" for name in FRAMEWORKS)])
    site.page(INDEX.replace("notebooks/tiny/pytorch", f"{pages}\nnotebooks/tiny/pytorch"), "index")
    site.page(PAGE, "book/tiny/worked")
    return site


def test_the_reasons_and_every_frameworks_answer_stand_in_one_closed_fold(worked):
    assert worked.build() == ""
    page = worked.html("book/tiny/worked")
    (fold,) = page.select("section > details.worked")
    assert "open" not in fold.attrs
    assert fold.summary.get_text(strip=True) == "A solution, and its reasons"
    assert fold.select_one(".sd-summary-content > p em").get_text() == "once and once more"
    assert list(worked.panels("book/tiny/worked")) == ["PyTorch", "TensorFlow", "JAX"]
    assert page.select("link[href*='worked.css']") and not worked.html().select("link[href*='worked.css']")


def test_an_answer_is_shown_without_marks_and_docstring_and_without_other_exercises(worked):
    worked.build()
    for framework, panel in zip(FRAMEWORKS, worked.panels("book/tiny/worked").values(), strict=True):
        blocks = [block.get_text().strip() for block in panel.select("pre")]
        assert blocks == [f"def double(x):\n    return x + {framework}(x)", "import math"]
        assert panel.select_one(".side-by-side-links a")["href"] == f"../../exercises/tiny/{framework}.html"


def test_an_answer_that_is_no_plain_python_is_shown_as_it_is(worked):
    answered(worked, "jax", '%time 1\ndef double(x):\n    """Twice."""\n    return 2 * x')
    worked.build()
    text = worked.panels("book/tiny/worked")["JAX"].select_one("pre").get_text()
    assert '%time 1\ndef double(x):\n    """Twice."""' in text


def test_an_unknown_exercise_and_a_missing_notebook_are_located_warnings(worked):
    worked.page(PAGE.replace("tiny/double", "tiny/triple"), "book/tiny/worked")
    (worked.root / "solutions/tiny/jax.ipynb").unlink()
    lines = worked.build().splitlines()
    place = "book/tiny/worked.md:7: WARNING:"
    problem = "solutions/tiny/pytorch.ipynb has no such exercise; there are: double, halve"
    assert lines[0].startswith(f"{place} tiny/triple: {problem}")
    assert f"{place} solutions/tiny/jax.ipynb: no such notebook" in lines[2]
    assert len(lines) == 3


@pytest.mark.parametrize("argument", ["double", "tiny/", "/double"])
def test_an_argument_without_chapter_or_exercise_is_a_located_warning(worked, argument):
    worked.page(PAGE.replace("tiny/double", argument), "book/tiny/worked")
    assert (
        f"book/tiny/worked.md:7: WARNING: {argument}: no exercise; write CHAPTER/EXERCISE" in worked.build()
    )


def test_a_page_is_read_again_when_a_solution_changes(worked):
    worked.build()
    answered(worked, "jax", "def double(x):\n    return 2 * x")
    later(worked.root / "solutions/tiny/jax.ipynb")
    worked.build()
    assert worked.read == ["book/tiny/worked"]
    assert "return 2 * x" in worked.panels("book/tiny/worked")["JAX"].get_text()


def test_the_search_finds_no_worked_solution(worked):
    worked.build()
    index = (worked.root / "_build/html/search-index.js").read_text()
    assert "First try." in index and "To do" in index
    assert "Double it" not in index and "once more" not in index


@pytest.mark.parametrize("builder", ["text", "latex"])
def test_other_builders_show_reasons_and_answers(worked, builder):
    warnings = worked.build(builder)
    assert "triptych" not in warnings and "Traceback" not in warnings
    if builder == "text":
        text = (worked.root / "_build/text/book/tiny/worked.txt").read_text()
        assert "once and once more" in text and "x + tensorflow(x)" in text
