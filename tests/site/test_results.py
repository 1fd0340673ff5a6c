"""The directive ``results``: a table of what was measured."""

from __future__ import annotations

from datetime import date

import pytest

from support.claims import with_ledger
from support.records import everything, record, store
from support.small_site import CONF, Site, site  # noqa: F401  (a fixture)
from triptych.course import Course

PAGE = """\
# Tiny

```{results} resnet50 training
```
"""


@pytest.fixture
def tables(site: Site) -> Site:
    # The articles' claims are ours, and cite chapters that are not there.
    (site.root / "conf.py").write_text(CONF + 'suppress_warnings = ["triptych.claims"]\n')
    with_ledger(Course(site.root))
    site.page(PAGE)
    return site


def cells(tables: Site) -> list[list[str]]:
    table = tables.html().select_one("table.results")
    return [[cell.get_text(" ", strip=True) for cell in line.select("td, th")] for line in table.select("tr")]


def test_the_table_has_a_row_for_each_result_and_the_articles_below(tables):
    store(tables.root, record("lab", everything(date.today().isoformat(), busy=True)))
    assert tables.build() == ""
    head, *rows = cells(tables)
    assert head == [
        "Machine",
        "Framework",
        "Variant",
        "Images/s",
        "Step",
        "First step",
        "Peak memory",
        "Of matmul peak",
    ]
    assert rows[0] == [
        f"AMD EPYC, 2 cores {date.today()}, batch 8, 2 threads, machine was busy", "PyTorch", "eager",
        "3.56 (3.2–4)", "2.25 s", "4 s", "2.0 GB", "80%",
    ]  # fmt: skip
    assert rows[1][:3] == ["TensorFlow", "eager", "1.78 (1.6–2)"]
    assert rows[3] == ["V100 (the articles)", "PyTorch", "not said", "1,180", "", "", "10.8 GB", ""]
    assert len(rows) == 6
    note = tables.html().select_one(".results-note").get_text()
    assert "counts 24.3 GFLOP an image" in note
    assert "AMD EPYC, 2 cores 107 GFLOP/s" in note


def test_threads_stand_with_the_variants_where_they_differ(tables):
    data = record("lab", everything())
    for part in data["entries"][0]["frameworks"]["jax"]["rounds"]:
        for told in part["measurements"]:
            if told["name"] == "resnet50 training":
                told["threads"] = 1
    store(tables.root, data)
    assert tables.build() == ""
    _, first, second, third, *_ = cells(tables)
    assert first[0].endswith("2026-11-21, batch 8")
    assert [line[-6] for line in (first, second, third)] == [
        "eager, 2 threads",
        "eager, 2 threads",
        "eager, 1 thread",
    ]


def test_other_names_have_the_general_columns_and_inference_its_own(tables):
    store(tables.root, record("lab", everything()))
    tables.page(PAGE.replace("resnet50 training", "matmul peak"))
    assert tables.build() == ""
    head, first, *_ = cells(tables)
    assert head[3:] == ["Median", "A second", "First call"]
    assert first[3:] == ["20 ms (20–20 ms)", "107 GFLOP", "1 s"]
    tables.page(PAGE.replace("resnet50 training", "mobilenet_v2 inference"))
    assert tables.build() == ""
    head, first, *_, last = cells(tables)
    assert head[3:] == ["Threads", "Median", "99 % within", "First call"]
    assert first[3:6] == ["1", "20 ms (20–20 ms)", "2 s"]
    assert last == ["Snapdragon 865 (the articles)", "JAX", "not said", "", "10.9 ms", "", ""]


def processes(entry: dict, rounds: int = 5) -> dict:
    """The entry as version 2 has it: five rounds, memory of one's own, phases apart."""
    for framework in entry["frameworks"].values():
        for part in framework["rounds"]:
            for told in part["measurements"]:
                told |= {"start_bytes": 250_000_000, "compile_s": 2.0, "few": told["variant"] == "eager"}
        framework["rounds"] = [{**framework["rounds"][0], "round": turn + 1} for turn in range(rounds)]
    return entry


def test_what_had_a_process_of_its_own_shows_its_phases_its_memory_and_who_is_fastest(tables):
    store(tables.root, record("lab", processes(everything())))
    assert tables.build() == ""
    head, first, *_ = cells(tables)
    assert head[3:] == [
        "Images/s", "Step", "Compile", "First step", "Peak memory", "Above start", "Of matmul peak",
    ]  # fmt: skip
    assert first[2] == "eager *"
    assert first[5:9] == ["2 s", "4 s", "2.0 GB", "1.8 GB"]
    note = tables.html().select_one(".results-note").get_text()
    assert "In brackets the 95 % interval of the median" in note
    assert "Of a program with two speeds far apart, 5 rounds promise at most 94 %." in note
    assert "*: slow, so fewer samples a round." in note
    assert "PyTorch’s eager is faster than each program of the other frameworks." in note


def test_no_winner_is_named_with_four_rounds_or_where_rounds_disagree(tables):
    store(tables.root, record("lab", processes(everything(), 4)))
    assert tables.build() == ""
    note = tables.html().select_one(".results-note").get_text()
    assert "faster" not in note and "4 rounds promise at most 88 %" in note
    entry = processes(everything())
    for scale, part in enumerate(entry["frameworks"]["pytorch"]["rounds"], 1):
        part["measurements"] = [
            {**told, "samples_s": [scale * s for s in told["samples_s"]]} for told in part["measurements"]
        ]
    store(tables.root, record("lab", entry))
    assert tables.build() == ""
    note = tables.html().select_one(".results-note").get_text()
    assert "no program is beyond doubt faster than each of the other frameworks’" in note


def test_a_page_is_read_again_when_a_record_comes_changes_or_goes_and_only_then(tables):
    assert tables.build() == ""
    assert len(cells(tables)) == 4
    assert tables.build() == ""
    assert tables.read == []
    path = store(tables.root, record("lab", everything()))
    tables.build()
    assert tables.read == ["book/tiny"]
    assert len(cells(tables)) == 7
    path.unlink()
    tables.build()
    assert tables.read == ["book/tiny"]


def test_without_any_record_a_table_without_figures_of_the_articles_is_a_sentence(tables):
    tables.page(PAGE.replace("resnet50 training", "mlp step"))
    assert tables.build() == ""
    assert "No machine is recorded yet: make bench adds yours." in tables.html().get_text()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "resnet50 training",
            "resnet training",
            "results 'resnet training': no such measurement; there are: matmul",
        ),
        ("training\n", "training\n:machine: mine\n", ":machine: mine: no such record; there are: lab"),
    ],
    ids=["name", "machine"],
)
def test_what_is_not_recorded_is_a_warning_at_its_line(tables, old, new, told):
    store(tables.root, record("lab", everything()))
    tables.page(PAGE.replace(old, new, 1))
    warnings = tables.build()
    assert told in warnings
    assert "book/tiny.md:3: WARNING" in warnings


def test_a_wrong_record_is_a_warning_at_the_tables_line(tables):
    store(tables.root, {**record("lab", everything()), "schema": 7})
    warnings = tables.build()
    assert "book/tiny.md:3: WARNING: results/lab.json: schema: version 7" in warnings
