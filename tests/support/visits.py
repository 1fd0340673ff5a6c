"""Pages of the built site, opened in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: The windows that are tried: a phone, a laptop, a large screen; their widths and heights in pixels.
WIDTHS = {390: 844, 1440: 900, 1920: 1080}


@contextmanager
def visits(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """``visit("book/graphs.html", width=390)`` opens a page in a browser window of its own.

    With ``context=`` it opens in a window that is there. ``page.faults`` has what the console
    reports as errors, ``page.loaded`` every address that was asked for.
    """
    contexts = []

    def visit(
        path: str,
        width: int = 1440,
        theme: str = "light",
        javascript: bool = True,
        touch: bool = False,
        context: Any = None,
        at: str = address,
    ) -> Any:
        if context is None:
            context = browser.new_context(
                viewport={"width": width, "height": WIDTHS.get(width, 900)},
                color_scheme=theme,
                java_script_enabled=javascript,
                has_touch=touch,
                reduced_motion="reduce",
            )
            contexts.append(context)
        page = context.new_page()
        page.faults, page.loaded = [], []
        page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("request", lambda request: page.loaded.append(request.url))
        page.goto(f"{at}/{path}", wait_until="networkidle")
        return page

    yield visit
    for context in contexts:
        context.close()


def violations(page: Any) -> list[str]:
    """What axe-core finds wrong with the page's accessibility, a line for each element."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{rule['id']}: {node['html'][:120]}"
        for rule in Axe().run(page).response["violations"]
        for node in rule["nodes"]
    ]
