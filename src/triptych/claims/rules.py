"""The rules by which verdicts are reached, as far as a program can see that one was not followed.

``book/claims.md`` has all of them, for readers; a complaint here names the one that was broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

#: The verdicts that something has to decide.
DECIDED = ("holds", "outdated", "wrong", "depends")

#: Sites that report what others made or found.
SECONDARY = frozenset(
    {
        *("aiwiki.ai", "topcoder.com", "medium.com", "infoworld.com", "techcrunch.com", "devclass.com"),
        *(
            "swisscognitive.ch",
            "analyticsindiamag.com",
            "weeklygeek.net",
            "franksworld.com",
            "ssawant.github.io",
        ),
        *("sourceforge.net", "gitverse.ru", "libraries.io", "vuink.com", "mail-archive.com"),
        *("laurencemoroney.com", "centerconsulting.com", "flavioclesio.com", "peggyktc.com"),
    }
)

#: The publisher of an article that is its own only source; it needs no address.
ITSELF = "The article itself"

#: Products that were retired, as the articles name them: what is said of them is no longer so.
RETIRED = re.compile(
    r"(?<!like )\b(?:TorchServe|PyTorch Mobile|Torch Mobile|TorchScript|torch\.jit|torchtext|MXNet|Gluon"
    r"|KVStore|tf\.estimator|tf\.feature_column|DataPipes?|Haiku)\b"
)

#: What a forecast may be: it came true, it failed, in part, or nobody can tell yet.
_FORECASTS = ("holds", "wrong", "depends", "opinion")

#: What only makes sense beside another row; a reader who has filtered the table does not see it.
_DANGLING = re.compile(
    r"\b(?:as|see|named|said) (?:above|below|before)\b|\bthe claims? (?:before|above|below|on)\b"
    r"|\b(?:above|below|next|previous|following) claim|\bchapters? \d|\bchecked on its own below\b",
    re.IGNORECASE,
)


def faults(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The rules that an entry breaks: problems, and how to fix them."""
    verdict, kind = entry["verdict"], entry["kind"]
    sources = [item["source"] for item in entry.get("evidence", ()) if "source" in item]
    yield from _addresses(sources)
    primary = [source for source in sources if "secondary" not in source]
    if verdict in DECIDED and "provisional" not in entry and "expect" not in entry and not primary:
        yield (
            f"nothing decides {verdict!r}",
            "say it as `expect` on computed values, or cite a dated primary source",
        )
    if kind == "existence" and verdict == "not tested here":
        yield (
            "existence, but 'not tested here'",
            "what exists holds by its maker's documentation, on hardware that we lack, too; "
            "how well it works is another kind",
        )
    if kind == "forecast" and verdict not in _FORECASTS:
        yield f"a forecast is never {verdict!r}", f"it is one of: {', '.join(_FORECASTS)}"
    if verdict == "holds" and kind != "history" and (retired := RETIRED.search(entry["claim"])):
        yield f"{retired[0]} is retired, and nothing about it holds", "it is outdated; history may hold"
    if dangling := _DANGLING.search(f"{entry['claim']} {entry['because']}"):
        yield f"{dangling[0]!r} leads nowhere for who sees this row alone", "say what it says"


def _addresses(sources: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for source in sources:
        if "url" not in source and not source["publisher"].startswith(ITSELF):
            yield f"{source['title']!r} has no address", "give its `url:`"
        host = (urlsplit(source.get("url", "")).hostname or "").removeprefix("www.")
        if "secondary" not in source and host in SECONDARY:
            yield (
                f"{host} reports what others made or found",
                "cite the maker beside it, and mark it with `secondary: true`",
            )
