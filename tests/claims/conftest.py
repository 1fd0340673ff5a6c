"""A small ledger over one made-up chapter."""

from __future__ import annotations

import pytest
import yaml

from support import section
from triptych.claims import ledger
from triptych.frameworks import FRAMEWORKS


@pytest.fixture
def write(course, save):
    """``write(entry(), ...)`` is the ledger of one file with these entries."""
    for framework in FRAMEWORKS:
        only = f"'only': {{'by': '{framework}', 'list': [3, 4], 'a/b, c': 12}}"
        save(framework, section("Cold start", f"{{'warm': 2, 'rate': 1.5, {only}}}"), section("Other"))

    def write(*entries, name="old-news", **changes):
        path = course.root / f"book/claims/{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        article = {"title": "Old news", "original": "旧闻", "date": "2019-05-01"}
        whole = {"article": article, "sections": {"1.1": "Counting"}, "claims": list(entries), **changes}
        text = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
        return ledger.load(course)

    return write
