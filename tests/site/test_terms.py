"""The glossary's own list, and what a link to a term says."""

from __future__ import annotations

from support.small_site import site  # noqa: F401  (a fixture)

PAGE = """\
# Tiny

It is {term}`hot`, and {term}`warmer <warm>`.

```{glossary}
warm
hot
  Not `cold`, and
  not cool.

  More of it.

cold
  Not {term}`warm`.
```
"""


def test_terms_are_listed_and_a_link_says_what_its_term_means(site):
    site.page(PAGE)
    assert site.build() == ""
    page = site.html()
    terms = page.select_one(".glossary-terms")
    assert terms.get_text() == "warm · cold"
    assert all(page.find(id=link["href"].removeprefix("#")) for link in terms.find_all("a"))
    links = [span.parent for span in page.select(".std-term")]
    assert [link["title"] for link in links] == ["Not cold, and not cool."] * 3
    assert {link["href"] for link in links} == {"#term-hot", "#term-warm"}
