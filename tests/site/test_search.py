"""The site's search: what can be found, in a small course; and what is found, on the course's own site."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest

from support.small_site import Site, later
from support.small_site import site as small  # noqa: F401  (a fixture)
from support.visits import visits

GLOSSARY = """\
# Glossary

```{glossary}
warm
hot
  Not `cold`.
```
"""


def places(site: Site) -> dict[tuple[str, str], dict]:
    """What can be found, by page and anchor."""
    script = (site.root / "_build/html/search-index.js").read_text()
    data = json.loads(script.removeprefix("globalThis.triptychIndex=").removesuffix(";\n"))
    return {(place["page"], place["anchor"]): place for place in data["places"]}


def test_sections_terms_and_siblings_can_be_found_once_each(small):
    small.page(GLOSSARY, "book/glossary")
    index = small.root / "index.md"
    index.write_text(index.read_text().replace("book/tiny\n", "book/tiny\nbook/glossary\n"))
    small.page("# Tiny\n\n## Getting warmer\n\nOn the page.\n\n```{side-by-side} Getting warmer\n```\n")
    assert small.build() == ""
    found = places(small)
    lesson = found["book/tiny.html", "getting-warmer"]
    assert (lesson["kind"], lesson["heading"]) == ("lesson", "Getting warmer")
    assert lesson["text"] == [["prose", "On the page."]]
    assert list(lesson["siblings"]) == ["pytorch", "tensorflow", "jax"]
    page, anchor, text = lesson["siblings"]["jax"]
    assert (page, anchor) == ("notebooks/tiny/jax.html", "getting-warmer")
    assert ["code", "measure()"] in text  # and what it displays
    assert any(kind == "code" and "'by': 'jax'" in piece for kind, piece in text)
    assert not any(page.startswith("notebooks/") and anchor == "getting-warmer" for page, anchor in found)
    cold = found["notebooks/tiny/pytorch.html", "cold-start"]  # shown on no page of the book
    assert list(cold["siblings"]) == ["pytorch", "tensorflow", "jax"] and cold["text"] == []
    term = found["book/glossary.html", "term-warm"]
    assert (term["heading"], term["text"]) == ("warm, hot", [["prose", "Not cold."]])
    scripts = [script["src"] for script in small.html().find_all("script", src=True)]
    assert not [src for src in scripts if "search-index" in src or "searchindex" in src]


def test_packed_weights_in_a_cell_are_not_searched(small):
    packed = "eNpjYGBgYGBg/AHi+bGmAz9Q0lEQVR42mNk+M9QDwADhgGAWjR9"
    name = "a_long_name_of_forty_nine_letters_is_still_a_word"
    code = f'weights = """\n{packed}\n{packed[:20]}\n"""\n{name} = 1'
    small.page(f"# Tiny\n\n```python\n{code}\n```\n")
    assert small.build() == ""
    ((kind, text),) = places(small)["book/tiny.html", ""]["text"]
    assert kind == "code" and packed not in text
    assert packed[:20] in text and name in text


@pytest.mark.slow
def test_a_changed_page_is_found_by_its_new_words_and_the_others_as_before(small):
    small.build()
    before = places(small)
    small.page("# Tiny\n\nAnother word.\n")
    later(small.root / "book/tiny.md")
    small.build()
    after = places(small)
    assert after["book/tiny.html", ""]["text"] == [["prose", "Another word."]]
    assert (
        after["notebooks/tiny/pytorch.html", "cold-start"]
        == before["notebooks/tiny/pytorch.html", "cold-start"]
    )


# --- on the course's own site, opened from the disk ---------------------------------------

#: What a learner types, and a page and section that must be among the first three places.
FOUND = {
    "stop_gradient": "book/autodiff/memory.html#stopping-and-clipping",
    "jax.lax.stop_gradient": "book/autodiff/memory.html#stopping-and-clipping",
    "torch.compile": "book/graphs/tracing.html#the-same-function-as-a-graph",
    "lax.scan": "book/graphs/control-flow.html#data-dependent-loops",
    "GradientTape": "book/autodiff/asking.html#what-is-recorded",
    "block_until_ready": "book/performance/timing.html#how-to-time",
    "fully_shard": "book/distributed/split.html#sharding-parameters",
    "torchrun": "book/distributed/equality.html#several-processes-on-one-host",
    "TracerBoolConversionError": "book/graphs/control-flow.html#data-dependent-branches",
    "Attempted boolean conversion of traced array": "book/graphs/control-flow.html#data-dependent-branches",
    "RuntimeError: Trying to backward through the graph a second time (or directly access saved":
        "book/autodiff/asking.html#one-derivative-three-interfaces",
    "element 0 of tensors does not require grad and does not have a grad_fn":
        "book/autodiff/asking.html#what-is-recorded",
    "Distributed package doesn't have NCCL built in": "book/distributed/beyond.html#tpus-and-gpus",
    "weights_only": "book/deployment/loading.html#loading-goes-wrong",
    "Retracing and its price": "book/graphs/tracing.html#retracing-and-its-price",
    "leaked tracer": "book/graphs/state.html#leaks-and-other-traps",
    "quantization": "book/deployment/smaller.html#smaller-quantisation",
    "allreduce": "book/distributed/collectives.html#collectives-first",
    "BatchNorm": "book/distributed/steps.html#accumulating-gradients",
    "opset": "book/glossary.html#term-opset",
    "world size": "book/glossary.html#term-world-size",
    "gradient checkpointing": "book/autodiff/memory.html#trading-memory-for-time",
    "hand in": "book/guides/learner.html#hand-in",
}  # fmt: skip


@pytest.fixture
def visit(browser, site):
    with visits(browser, site.as_uri()) as visit:
        yield visit


def links(page) -> list[str]:
    """The places that are shown, as page#anchor."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".found > li > a")].map((a) => {
            const root = new URL(document.documentElement.dataset.content_root ?? "./", location);
            const { href, hash, search } = new URL(a.href);
            return decodeURI(href.replace(search, "").replace(root.href, ""));
        })"""
    )


def test_names_errors_and_headings_are_among_the_first_three_places_with_the_line_that_was_found(visit):
    page = visit("search.html?q=retracing")
    page.locator(".found > li").first.wait_for(timeout=20_000)
    missed = {}
    for words, place in FOUND.items():
        page.get_by_label("Search").last.fill(words)
        page.wait_for_function("words => new URLSearchParams(location.search).get('q') === words", arg=words)
        if place not in links(page)[:3]:
            missed[words] = links(page)[:3]
    assert missed == {}
    page.get_by_label("Search").last.fill("stop_gradient")
    result = page.locator(".found > li", has_text="Stopping and clipping").first
    assert "Autodiff › What flows and what is kept" in result.inner_text()
    assert result.locator("mark").first.inner_text() == "stop_gradient"
    assert result.locator(".found-siblings a").all_inner_texts() == ["TensorFlow", "JAX"]
    assert page.faults == []


def test_the_dialog_searches_as_one_types_and_is_used_by_keyboard_alone(visit):
    page = visit("book/graphs/tracing.html")
    assert not [url for url in page.loaded if re.search("search-?index|searchtools", url)]
    page.wait_for_function("!!document.querySelector('.search-button__button').onclick")  # the theme is ready
    page.keyboard.press("Control+k")
    page.locator("dialog input").wait_for()
    page.keyboard.type("TracerBoolConv")
    page.locator("dialog .found > li").first.wait_for(timeout=20_000)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/graphs/control-flow.html*#data-dependent-branches")
    assert page.locator("#data-dependent-branches").is_visible()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "place", "shown", "panels", "folds"),
    [
        ("talkative", "what-runs-at-trace-time", ".jax", ["PyTorch", "JAX"], 0),
        ("DiGraph", "the-same-function-as-a-graph", ".pytorch details", ["PyTorch"], 1),
        ("the", "eager-by-default", ".pytorch", ["PyTorch"], 0),  # stands in the open, too
    ],
)
def test_what_was_found_in_a_closed_fold_or_in_a_panel_that_is_not_in_view_is_shown(
    visit, words, place, shown, panels, folds
):
    before = visit("book/graphs/tracing.html?framework=pytorch")
    page = visit(f"book/graphs/tracing.html?highlight={words}#{place}", context=before.context)
    page.wait_for_timeout(300)
    assert page.locator(f"#{place} {shown} .highlighted").first.is_visible()
    assert page.get_by_role("button", pressed=True).all_inner_texts() == panels
    assert page.locator("article details[open]").count() == folds
    stored = "localStorage.getItem('triptych-panels')"
    assert page.evaluate(stored) == before.evaluate(stored)


@pytest.mark.slow
def test_words_that_nothing_has_are_answered_with_a_way_on(visit):
    page = visit("search.html?q=zzzzqqqq")
    status = page.get_by_role("status").last
    page.wait_for_function("document.querySelector('.triptych-search-page .found-status').textContent")
    assert status.inner_text().startswith("Nothing found for “zzzzqqqq”")
    assert urlsplit(status.get_by_role("link").get_attribute("href")).path.endswith("book/glossary.html")
