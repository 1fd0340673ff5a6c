"""Plumbing on the site: folded in panels and on the notebook's page, its title once."""

from __future__ import annotations

from collections.abc import Callable

from support import edit
from support.small_site import Site, site  # noqa: F401  (a fixture)
from triptych import files
from triptych.course import Course
from triptych.notebooks.folds import PLUMBING
from triptych.notebooks.normalise import normalised


def change(site: Site, how: Callable[[list[dict]], None]) -> None:
    """Change the cells of JAX's notebook, and normalise it."""
    path = site.root / "notebooks/tiny/jax.ipynb"
    edit(path, lambda notebook: how(notebook["cells"]))
    files.replace(path, normalised(path, Course.containing(path)))


def test_plumbing_is_folded_under_its_title_which_the_code_does_not_repeat(site):
    cell = {"cell_type": "code", "metadata": {"tags": [PLUMBING]}, "execution_count": 2, "outputs": []}
    change(
        site,
        lambda cells: cells.insert(-1, cell | {"id": "warm", "source": "# Warms <b>up</b> & on\nwarm()"}),
    )
    assert site.build() == ""
    for page in (site.panels()["JAX"], site.html("notebooks/tiny/jax")):
        (fold,) = page.select(f".cell.tag_{PLUMBING} details:not([open])")
        assert fold.summary.get_text(strip=True) == "Warms <b>up</b> & on" and not fold.summary.attrs
        assert fold.select_one(".cell_input").get_text(strip=True) == "warm()"
    assert site.html("notebooks/tiny/jax").select("link[href*='folds.css']")


def test_a_folded_checkpoint_is_shown_all_the_same(site):
    change(site, lambda cells: cells[-1]["metadata"]["tags"].append(PLUMBING))
    assert site.build() == ""
    assert site.panels()["JAX"].select(".cell.tag_checkpoint .cell_input")
    assert not site.panels()["JAX"].select("details")
