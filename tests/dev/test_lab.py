"""JupyterLab, opened as `make lab` opens it, in a real browser."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import socket
import sys
import urllib.request

import psutil
import pytest

from support import ROOT
from support.lab import HEADINGS, PANES, opened, small_course

QUIET = ("--no-browser", "--port=0", "--ip=127.0.0.1")
RUN, FOLLOW = (f'[data-command="triptych-panes:{name}"]:visible' for name in ("run-section", "follow"))


@pytest.fixture
def home(tmp_path):
    """The home of a user who has a workspace of their own, which must stay untouched."""
    own = tmp_path / "home" / ".jupyter/lab/workspaces"
    own.mkdir(parents=True)
    (own / "default-37a8.jupyterlab-workspace").write_text('{"data": {}, "metadata": {"id": "default"}}')
    before = {path: path.read_bytes() for path in own.iterdir()}
    yield tmp_path / "home"
    assert {path: path.read_bytes() for path in own.iterdir()} == before


@pytest.fixture
def lab(tmp_path, home):
    """JupyterLab on a small chapter."""
    with opened(small_course(tmp_path / "course"), home, *QUIET) as lab:
        yield lab


@contextlib.contextmanager
def visit(browser, address, panes=3, width=1440):
    """A page with that many notebooks side by side, all of whose headings are laid out."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(f"(count) => ({PANES})().length === count", arg=panes, timeout=60_000)
    page.wait_for_function(f"() => ({HEADINGS})('Five').every((top) => top < 99999)", timeout=60_000)
    page.wait_for_function("() => !document.querySelector('#jupyterlab-splash')", timeout=60_000)
    yield page
    context.close()


def scroll_to(page, pane, title):
    """Turn the wheel over a pane until the heading is at its upper edge."""
    box = page.evaluate_handle(f"(number) => ({PANES})()[number]", pane).as_element().bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(20):  # cells get their height when they are shown
        distance = page.evaluate(HEADINGS, title)[pane]
        if abs(distance) < 20:
            return
        page.mouse.wheel(0, distance)
        page.wait_for_timeout(150)
    raise AssertionError(f"pane {pane} cannot be scrolled to {title}")


def all_at(page, title, panes=(0, 1, 2)):
    """Wait until the heading is at the upper edge of the panes."""
    at = f"([title, panes]) => panes.every((n) => Math.abs(({HEADINGS})(title)[n]) < 60)"
    page.wait_for_function(at, arg=[title, list(panes)], timeout=30_000)


def positions(page):
    return page.evaluate(f"() => ({PANES})().map((pane) => pane.scrollTop)")


@pytest.mark.slow
def test_three_panes_follow_each_other_and_run_a_section_together(browser, lab):
    with visit(browser, lab.address) as page:
        boxes = page.evaluate(f"() => ({PANES})().map((pane) => pane.getBoundingClientRect().toJSON())")
        assert all(left["right"] <= right["left"] for left, right in itertools.pairwise(boxes))
        cut = "() => [...document.querySelectorAll('.cm-scroller')].map((e) => e.scrollWidth - e.clientWidth)"
        widths = page.evaluate(cut)
        assert len(widths) >= 9
        assert not any(widths), "lines of 60 characters are cut off"
        assert page.locator(".jp-InputPlaceholder").first.inner_text().strip() == "Sets the base"

        scroll_to(page, 0, "Three")
        all_at(page, "Three")
        scroll_to(page, 2, "Two")
        all_at(page, "Two")
        page.mouse.wheel(0, -900)  # past the heading: the others show the end of the section before it
        below = f"() => ({HEADINGS})('Two').every((top) => top > 700 && top < 1000)"
        page.wait_for_function(below, timeout=30_000)

        page.locator(FOLLOW).first.click()
        before = positions(page)
        scroll_to(page, 1, "Four")
        page.wait_for_timeout(400)
        assert [positions(page)[n] for n in (0, 2)] == [before[n] for n in (0, 2)]
        page.locator(FOLLOW).first.click()

        scroll_to(page, 1, "Three")
        page.locator(RUN).nth(1).click()
        page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-OutputArea-output')]"
            ".filter((output) => output.textContent.trim() === 'ran 23').length === 3",
            timeout=60_000,
        )
        all_at(page, "Three")
        assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
        if shot := os.environ.get("TRIPTYCH_SCREENSHOTS"):
            page.screenshot(path=f"{shot}/lab.png")


@pytest.mark.slow
def test_the_table_of_contents_leads_and_who_types_does_not(browser, lab):
    with visit(browser, lab.address) as page:
        page.locator('[data-id="table-of-contents"]').click()
        for title in ("Four", "Two"):
            page.locator(f'.jp-tocItem-content[title="{title}"]').click()
            all_at(page, title)
        # A key typed far from what is seen brings this pane back to the cursor, and nobody else.
        scroll_to(page, 0, "Three")
        page.mouse.wheel(0, -200)
        page.wait_for_timeout(500)
        line = f"() => ({PANES})()[0].querySelectorAll('.jp-CodeCell .cm-line')[2]"  # in section Two
        page.evaluate_handle(line).as_element().click()
        scroll_to(page, 0, "Five")
        all_at(page, "Five")
        before = positions(page)
        page.keyboard.type("x")
        page.wait_for_function(f"(top) => ({PANES})()[0].scrollTop < top - 500", arg=before[0])
        page.wait_for_timeout(1000)
        assert positions(page)[1:] == before[1:]


@pytest.mark.slow
def test_an_edited_copy_follows_to_the_nearest_heading_that_it_has(browser, tmp_path, home):
    course = small_course(tmp_path / "course")
    jax = course / "notebooks/graphs/jax.ipynb"
    jax.write_text(
        jax.read_text().replace("## Four", "## My own").replace("# jax", "# jax\\n\\n## First of all")
    )
    with opened(course, home, *QUIET) as lab, visit(browser, lab.address) as page:
        scroll_to(page, 0, "Four")
        all_at(page, "Four", (0, 1))
        all_at(page, "Three", (2,))
        page.locator(RUN).first.click()
        page.get_by_text("Not run: jax.ipynb has no section “Four”.").wait_for()
        assert page.get_by_text("ran 24").count() == 2


@pytest.mark.slow
def test_the_switch_is_remembered(browser, lab):
    with visit(browser, lab.address) as page:
        page.locator(FOLLOW).first.click()
        page.wait_for_function(
            f"() => document.querySelectorAll('{FOLLOW.split(':vis')[0]}.jp-mod-toggled').length === 0"
        )
        page.wait_for_timeout(500)
    with visit(browser, lab.address) as page:
        before = positions(page)
        scroll_to(page, 0, "Four")
        page.wait_for_timeout(500)
        assert positions(page)[1:] == before[1:]
        page.get_by_role("menuitem", name="View", exact=True).click()
        page.locator(".lm-Menu-item", has_text="Panes Follow Each Other").click()
        scroll_to(page, 0, "Two")
        all_at(page, "Two")


@pytest.mark.slow
@pytest.mark.parametrize(("frameworks", "width"), [(3, 1440), (2, 1366), (2, 1280)])
def test_no_line_of_a_chapter_is_cut_off(browser, tmp_path, home, frameworks, width):
    """The course's own notebooks, at the widths that they are read at."""
    course = tmp_path / "course"
    shutil.copytree(ROOT / "notebooks/graphs", course / "notebooks/graphs")
    shutil.copy(ROOT / "_config.yml", course)
    names = ",".join(["jax", "pytorch", "tensorflow"][:frameworks])  # in an order of our own
    with opened(course, home, "--frameworks", names, *QUIET) as lab:
        context = browser.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        page.goto(lab.address)
        page.wait_for_function(f"(count) => ({PANES})().length === count", arg=frameworks, timeout=60_000)
        page.wait_for_function("() => document.querySelectorAll('.cm-scroller').length > 30", timeout=120_000)
        titles = page.evaluate(f"() => ({PANES})().map((pane) => pane.querySelector('h1').innerText)")
        assert [title.strip("¶").split()[-1].lower() for title in titles] == names.split(",")
        # Scroll bars are hidden here; many readers' take 15 pixels.
        bar = ".jp-WindowedPanel-outer { padding-right: 15px; }"
        page.add_style_tag(content=bar)
        page.wait_for_timeout(500)
        cut = "(e) => e.scrollWidth > e.clientWidth"
        cells = f"() => [...document.querySelectorAll('.cm-scroller')].filter({cut}).map((e) => e.innerText)"
        assert page.evaluate(cells) == []
        context.close()


@pytest.mark.slow
def test_a_taken_port_is_no_obstacle(tmp_path, home):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (home / ".jupyter/jupyter_server_config.py").write_text("c.ServerApp.port_retries = 0\n")
        options = ("--no-browser", f"--port={port}", "--ip=127.0.0.1")
        with opened(small_course(tmp_path / "course"), home, *options) as lab:
            assert f":{port}/" not in lab.address


def start_kernel(lab):
    """A kernel of the server's, as a notebook starts one."""
    server, _, token = lab.address.partition("/lab")
    token = token.rpartition("token=")[2]
    header = {"Authorization": f"token {token}"}
    request = urllib.request.Request(f"{server}/api/kernels", b"{}", header, method="POST")
    assert urllib.request.urlopen(request).status == 201


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_what_ends_the_command_ends_jupyterlab_and_its_kernels(lab, name):
    """As a service manager, a closed terminal and Control-C send them, to `triptych lab` alone."""
    start_kernel(lab)
    family = lab.family()
    assert len(family) > 1
    os.kill(lab.process.pid, signal.Signals[name])
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
def test_it_ends_with_make(tmp_path, home, name):
    """Make's end, however sudden, is JupyterLab's; a fresh environment is feigned for it."""
    made = tmp_path / "venv"
    (made / "bin").mkdir(parents=True)
    program = made / "bin/triptych"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m triptych.cli "$@" {" ".join(QUIET)}\n')
    program.chmod(0o755)
    for name_ in ("bin/pip", ".has-lab"):
        (made / name_).touch()
    course = small_course(tmp_path / "course")
    shutil.copy(ROOT / "Makefile", course)
    for file in ("pyproject.toml", "constraints/default.txt"):
        (course / file).parent.mkdir(exist_ok=True)
        (course / file).touch()
        os.utime(course / file, (0, 0))
    make = [
        shutil.which("make"),
        "--no-print-directory",
        "lab",
        "CHAPTER=graphs",
        f"VENV={made}",
        "FRAMEWORKS=pytorch, jax",
    ]
    with opened(course, home, command=make) as lab:
        workspace = next((course / "_build/lab").iterdir()).read_text()
        assert "jax.ipynb" in workspace and "tensorflow" not in workspace
        start_kernel(lab)
        family = lab.family()
        assert len(family) > 2
        os.kill(lab.process.pid, signal.Signals[name])
        lab.process.wait(60)
        _, alive = psutil.wait_procs(family, timeout=60)
        assert not alive
