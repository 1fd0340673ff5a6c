"""The ledger's directives and role, on a small real site built by Sphinx itself."""

from __future__ import annotations

import re

import pytest
import yaml
from bs4 import BeautifulSoup

from support import section
from support.claims import SOURCE
from support.claims import entry as plain_entry
from support.records import everything, record, store
from support.small_site import Site, later
from triptych.frameworks import FRAMEWORKS

PAGES = ["book/graphs", "book/graphs/articles", "book/claims", *(f"notebooks/graphs/{f}" for f in FRAMEWORKS)]
INDEX = "# Tiny course\n\n```{toctree}\n" + "\n".join(PAGES) + "\n```\n"
ARTICLES = "# The articles said\n\n```{claims}\n:chapter:\n```\n"
CITING = "# Graphs\n\nThe first\nline. Mixing {claim}`old-first`.\n"
DATED = [{"source": SOURCE}]
LEDGER = "# Ledger\n\n```{claim-counts}\n```\n\n```{claims}\n:brief:\n```\n"


def entry(id: str, **changes) -> dict:
    return plain_entry(id, **{"evidence": [{"source": SOURCE}], **changes})


class Ledger(Site):
    """A site with a chapter ``graphs``, the claims about it and a page of all claims."""

    def write(self, *entries: dict, name: str = "old-news", sections: dict[str, str] | None = None) -> None:
        path = self.root / f"book/claims/{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        article = {"title": "Old news", "original": "旧闻"}
        whole = {"article": article, "sections": sections or {"1.1": "Counting"}, "claims": list(entries)}
        path.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True), encoding="utf-8")
        later(path)

    def table(self, name: str = "book/graphs/articles") -> list[list[str]]:
        return [texts(row) for row in self.html(name).select("table.claims tbody tr")]

    def links(self, row: str, name: str = "book/graphs/articles") -> dict[str, str]:
        return {a.get_text(): a["href"] for a in self.html(name).select(f"#{row} a")}


def texts(row: BeautifulSoup) -> list[str]:
    return [" ".join(cell.get_text(" ").split()).replace(" ,", ",") for cell in row.find_all(["td", "th"])]


@pytest.fixture
def site(course, save) -> Ledger:
    """Two claims of graphs, of which the chapter's page cites the first, and one of models."""
    for framework in FRAMEWORKS:
        only = f"'only': {{'by': '{framework}'}}"
        save(framework, section("Cold start", f"{{'warm': 2, {only}}}"), chapter="graphs")
    site = Ledger(course)
    for name, text in {
        **{"index": INDEX, "book/graphs": CITING, "book/graphs/articles": ARTICLES},
        **{"book/claims": LEDGER, "book/claims/models": ARTICLES.replace("chapter:", "chapter: models")},
    }.items():
        site.page(text, name)
    site.page(INDEX.replace("book/claims\n", "book/claims\nbook/claims/models\n"), "index")
    see = {"see": "graphs/jax#Cold start/by"}
    site.write(
        entry(
            "old-first", evidence=[see], expect="graphs#Cold start/warm == 2", claim="It has `tf.function`."
        ),
        entry("old-second", verdict="wrong", systems=[], evidence=[{"source": {**SOURCE, "version": "2.0"}}]),
        entry("old-third", chapter="models", provisional=True, evidence=None, systems=["keras"]),
    )
    return site


# --- the table -----------------------------------------------------------------


def test_a_chapters_page_has_a_row_for_each_of_its_claims(site):
    assert site.build() == ""
    assert site.table() == [
        [
            "It has tf.function . Old news, 1.1 Counting · TensorFlow, JAX · old-first",
            "holds",
            "It does. JAX · Cold start · by = 'jax' PyTorch, TensorFlow, JAX · Cold start · warm = 2",
        ],
        [
            "It counts to two. Old news, 1.1 Counting · the field · old-second",
            "wrong",
            "It does. Moved, PyTorch, 2022-09-12, version 2.0",
        ],
    ]
    head = site.html("book/graphs/articles").select_one("table.claims thead tr")
    assert texts(head) == ["The article says", "Verdict", "Why"]


def test_a_row_is_an_anchor_and_links_to_itself_and_to_its_evidence(site):
    site.build()
    links = site.links("claim-old-first")
    assert links["old-first"] == "#claim-old-first"
    for framework, name in ((f.name, f.title) for f in FRAMEWORKS.values()):
        assert links[name] == f"../../notebooks/graphs/{framework}.html#cold-start"
        assert site.html(f"notebooks/graphs/{framework}").find(id="cold-start")


def test_a_source_is_linked_where_it_has_an_address(site):
    source = {"source": {**SOURCE, "url": "https://pytorch.org/moved"}}
    site.write(entry("old-first", evidence=[source]))
    site.page("# Graphs\n", "book/graphs")
    site.build()
    assert site.links("claim-old-first")["Moved"] == "https://pytorch.org/moved"


def test_what_was_measured_leads_to_its_page_and_is_read_again_with_its_record(site):
    path = store(site.root, record("lab", everything()))
    site.page("# Measured\n", "book/performance/measured")
    site.page(
        INDEX.replace("book/claims\n", "book/claims\nbook/claims/models\nbook/performance/measured\n"),
        "index",
    )
    site.write(
        entry("old-first", evidence=[{"see": "results/lab#resnet50 training/jax/eager/median"}, *DATED])
    )
    assert site.build() == ""
    assert "lab · resnet50 training · jax · eager · median = 9" in site.table()[0][2]
    assert site.links("claim-old-first")["results/lab"] == "../performance/measured.html"
    path.write_text(path.read_text().replace("[8.0, 10.0]", "[16.0, 20.0]"))
    later(path)
    assert site.build() == ""
    assert "median = 18" in site.table()[0][2]


def test_a_provisional_verdict_says_so_in_words(site):
    site.build()
    (row,) = site.table("book/claims/models")
    assert row[1] == "holds provisional: to be run"


def test_code_in_a_claim_is_code(site):
    site.build()
    assert site.html("book/graphs/articles").select_one("table.claims code").get_text() == "tf.function"


def test_a_brief_table_has_every_claim_and_leads_to_its_full_row(site):
    site.build()
    assert site.table("book/claims") == [
        ["It has tf.function .", "TensorFlow, JAX", "Graphs", "Old news", "holds"],
        ["It counts to two.", "the field", "Graphs", "Old news", "wrong"],
        ["It counts to two.", "Keras", "Models", "Old news", "holds, to be run"],
    ]
    found = [a["href"] for a in site.html("book/claims").select("table.claims a")]
    assert found == [
        "graphs/articles.html#claim-old-first",
        "graphs/articles.html#claim-old-second",
        "claims/models.html#claim-old-third",
    ]


def test_a_brief_row_can_be_found_by_what_its_reason_names(site):
    site.write(
        entry("old-first", claim="It traces.", because="Since 2.0 that is tf.function, or jax.jit in JAX.")
    )
    site.page("# Ledger\n\n```{claims}\n:brief:\n```\n", "book/claims/models")
    site.build()
    assert site.table("book/claims")[0][0] == "It traces. tf.function, jax.jit"


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ("", ["old-first", "old-second", "old-third"]),
        (":verdict: wrong", ["old-second"]),
        (":verdict: wrong, holds\n:chapter: graphs", ["old-first", "old-second"]),
        (":system: keras", ["old-third"]),
        (":system: jax, pytorch", ["old-first"]),
        (":article: old-news\n:chapter: models", ["old-third"]),
        (":article: old-news\n:chapter: models, graphs\n:verdict: wrong", ["old-second"]),
    ],
)
def test_options_choose_claims(site, options, ids):
    site.page(f"# Ledger\n\n```{{claims}}\n{options}\n```\n", "book/claims")
    assert site.build() == ""
    found = [row["id"] for row in site.html("book/claims").select("table.claims tbody tr")]
    assert found == [f"claim-{id}" for id in ids]


def test_where_no_claim_is_meant_a_sentence_says_so(site):
    site.page("# Ledger\n\n```{claims}\n:system: mxnet\n```\n", "book/claims")
    assert site.build() == ""
    assert "No claims." in site.html("book/claims").get_text()
    assert site.table("book/claims") == []


@pytest.mark.parametrize("option", ["chapter", "article", "system", "verdict"])
def test_an_unknown_name_in_an_option_is_a_located_warning(site, option):
    site.page(f"# Ledger\n\nText.\n\n```{{claims}}\n:{option}: nonsense\n```\n", "book/claims")
    warning = rf"book/claims\.md:5: WARNING: :{option}: nonsense: no such {option}; there are: \w"
    assert re.match(warning, site.build())


def test_a_claim_that_stands_twice_on_a_page_is_one_anchor(site):
    site.page(ARTICLES + ARTICLES.replace("# The", "## Again: the"), "book/graphs/articles")
    assert site.build() == ""
    assert len(site.table()) == 4
    assert len(site.html("book/graphs/articles").select("#claim-old-first")) == 1


# --- counts, and the role ----------------------------------------------------------


def test_counts_are_a_table_of_verdicts_and_articles_and_a_sentence(site):
    site.write(entry("new-first"), name="new-news")
    assert site.build() == ""
    page = site.html("book/claims")
    rows = [texts(row) for row in page.select("table.claim-counts tr")]
    assert rows == [
        ["Verdict", "New news", "Old news", "All"],
        ["holds", "1", "2", "3"],
        ["outdated", "0", "0", "0"],
        ["wrong", "0", "1", "1"],
        ["depends", "0", "0", "0"],
        ["opinion", "0", "0", "0"],
        ["not tested here", "0", "0", "0"],
        ["all", "1", "3", "4"],
        ["provisional", "0", "1", "1"],
    ]
    assert "Old news: Old news (旧闻)" in page.get_text()
    assert page.select_one("[lang=zh]").get_text() == "旧闻"
    assert "The ledger has 4 claims from 2 articles. 1 verdicts are provisional" in page.get_text()


def test_a_cited_claim_is_a_link_that_says_the_verdict(site):
    site.build()
    assert "Mixing (claim: holds)." in site.html("book/graphs").get_text()
    link = site.html("book/graphs").find("a", string="claim: holds")
    assert link["href"] == "graphs/articles.html#claim-old-first"


def test_citing_a_claim_that_there_is_not_is_a_located_warning_with_the_nearest_ids(site):
    site.page(CITING.replace("old-first", "old-frist"), "book/graphs")
    assert site.build() == (
        "book/graphs.md:3: WARNING: claim 'old-frist': no such claim; the nearest are: "
        "'old-first', 'old-third', 'old-second'\n"
    )


def test_citing_a_claim_that_stands_on_no_page_is_a_warning(site):
    site.page(CITING.replace("old-first", "old-third"), "book/graphs")
    site.page("# Models\n", "book/claims/models")
    warnings = site.build()
    assert "claim 'old-third' stands on no page" in warnings
    assert (
        "book/graphs.md" in warnings
        and "Mixing (claim: holds, to be run)." in site.html("book/graphs").get_text()
    )


def test_a_row_that_is_taken_off_its_page_is_no_target_any_more(site):
    site.build()
    for name, text in {"book/graphs/articles": "# Empty\n", "book/graphs": f"{CITING}\nAgain.\n"}.items():
        site.page(text, name)
        later(site.root / f"{name}.md")
    assert "claim 'old-first' stands on no page" in site.build()


# --- what is wrong, and building again -----------------------------------------------


def test_a_wrong_entry_is_one_warning_and_the_others_are_shown(site):
    site.write(entry("old-first"), entry("old-second", verdict="true"))
    site.page("# Graphs\n", "book/graphs")
    warnings = site.build().splitlines()
    assert [line for line in warnings if "old-second" in line] == [
        "WARNING: book/claims/old-news.yml: old-second: verdict: unknown value 'true'; "
        "the values are: holds, outdated, wrong, depends, opinion, not tested here"
    ]
    assert len(site.table()) == 1


def test_pages_about_claims_are_read_again_when_an_entry_changes_and_only_they(site):
    site.build()
    site.build()
    assert site.read == []
    site.write(entry("old-first", verdict="wrong", evidence=[{"source": SOURCE}]))
    assert site.build() == ""
    pages = ["book/claims", "book/claims/models", "book/graphs", "book/graphs/articles"]
    assert sorted(site.read) == pages
    assert "Mixing (claim: wrong)." in site.html("book/graphs").get_text()
    assert "No claims." in site.html("book/claims/models").get_text()


def test_a_new_files_claims_come_and_a_renamed_id_goes(site):
    site.build()
    site.write(entry("new-first"), name="new-news")
    assert site.build() == ""
    assert site.html("book/graphs/articles").select_one("tbody tr")["id"] == "claim-new-first"
    site.write(entry("old-better"))
    assert "claim 'old-first': no such claim" in site.build()


def test_pages_about_claims_are_read_again_when_a_cited_value_changes(site, save):
    site.build()
    later(save("jax", section("Cold start", "{'warm': 2, 'only': {'by': 'XLA'}}"), chapter="graphs"))
    assert site.build() == ""
    assert "by = 'XLA'" in site.table()[0][2]


def test_a_value_that_flips_a_verdict_makes_the_build_warn(site, save):
    for framework in FRAMEWORKS:
        later(save(framework, section("Cold start", "{'warm': 3, 'only': {'by': 1}}"), chapter="graphs"))
    assert (
        "old-first: the verdict is 'holds', but graphs#Cold start/warm: 3 == 2 is false now" in site.build()
    )


def test_reading_in_parallel_gives_the_same_pages(site):
    assert site.build(parallel=2) == ""
    found = [a["href"] for a in site.html("book/claims").select("table.claims a")]
    assert found[-1] == "claims/models.html#claim-old-third"


def test_only_pages_with_a_table_load_its_script_and_style(site):
    site.build()
    for name, loads in {"book/claims": True, "book/graphs/articles": True, "book/graphs": False}.items():
        assert bool(site.html(name).select("script[src*='claims.js'][defer]")) is loads
        assert bool(site.html(name).select("link[href*='claims.css']")) is loads
    assert (site.root / "_build/html/_static/claims.js").is_file()


@pytest.mark.parametrize("builder", ["text", "latex", "gettext"])
def test_other_builders_show_the_table(site, builder):
    warnings = site.build(builder)
    assert "triptych" not in warnings and "Traceback" not in warnings
    if builder == "text":
        text = (site.root / "_build/text/book/graphs/articles.txt").read_text()
        assert "Moved" in text and "wrong" in text
