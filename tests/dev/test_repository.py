"""What holds for the repository's own files."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from IPython.core.inputtransformer2 import TransformerManager
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from support import ROOT
from triptych.course import Course
from triptych.dev import environment, versions
from triptych.notebooks import model as notebook
from triptych.notebooks.normalise import normalised

OURS = Course(ROOT)
NOTEBOOKS = [pytest.param(path, id=OURS.name(path)) for path in OURS.notebooks()]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))

#: Retired and deprecated names, as code spells them; only cells about them may use one.
DEPRECATED = (
    "torch.jit",
    "torch.onnx.dynamo_export",
    "torch.cuda.amp",
    "tf.compat.v1",
    "tf.estimator",
    "tf.feature_column",
    "tf.lite.Interpreter",
    "tf.Session",
    "tf.placeholder",
    "jax.pmap",
    "jax.tree_map",
    "jax.experimental.shard_map",
    "jax.experimental.host_callback",
    "jax.experimental.maps",
    "jax.xla_computation",
)


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_notebook_is_stored_normalised(path):
    assert normalised(path, OURS) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_deprecated_names_stand_only_in_cells_about_them(path):
    for heading, cell in notebook.read(path, OURS).cells:
        if cell.kind == "code":
            tree = ast.parse(TransformerManager().transform_cell(cell.source))
            named = {ast.unparse(node) + "." for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
            used = [name for name in DEPRECATED if any(n.startswith(f"{name}.") for n in named)]
            assert not used or "deprecated-api" in cell.tags, f"{path.name}, {heading}: {cell.id} uses {used}"


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_code_is_narrow_enough_for_three_columns(path):
    for heading, cell in notebook.read(path, OURS).cells:
        if cell.kind == "code":
            lines = (line.removeprefix("# @title ") for line in cell.source.splitlines())  # of a fold's title
            wide = [line for line in lines if len(line) > 62]
            assert not wide, f"{path.name}, {heading}: {cell.id}: {wide[0]}"


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_notebook_stands_alone(path):
    for heading, cell in notebook.read(path, OURS).cells:
        assert "import triptych" not in cell.source, f"{path.name}, {heading}: {cell.id}"
        assert not re.search(r"filterwarnings\(\s*['\"]ignore['\"]\s*\)", cell.source), (
            f"{path.name}: {cell.id}"
        )


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_plot_has_an_alternative_text(path):
    import nbformat

    for cell in nbformat.read(path, as_version=4).cells:
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", ())):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt.split()) > 5, f"{path.name}: cell {cell.id} draws a plot without alt text"


def test_environment_yml_has_the_pins_of_the_constraints():
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == environment.environment_yml(OURS)
    packages = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"][-1][
        "pip"
    ]
    pinned = [Requirement(line) for line in packages if not line.startswith("--")]
    constrained = {(r.name, str(r.specifier), str(r.marker)) for r in environment.requirements(OURS)}
    assert {"torch", "jax", "jupyterlab"} <= {r.name for r in pinned}
    assert {(r.name, str(r.specifier), str(r.marker)) for r in pinned} <= constrained


def test_the_pins_lie_within_the_ranges_of_pyproject():
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = [r for group in groups for r in map(Requirement, group) if r.name != "triptych"]
    pins = environment.requirements(OURS)
    for requirement in wanted:
        found = [pin for pin in pins if pin.name == requirement.name]
        assert found, f"no pin for {requirement.name}"
        for pin in found:
            assert requirement.specifier.contains(next(iter(pin.specifier)).version), pin


def test_the_servers_own_environment_is_pinned_within_what_it_asks_for():
    wanted, pinned = (
        [
            Requirement(line)
            for line in (ROOT / f"constraints/serving.{kind}").read_text().splitlines()
            if line[0] != "#"
        ]
        for kind in ("in", "txt")
    )
    pins = {pin.name: next(iter(pin.specifier)).version for pin in pinned}
    assert all(requirement.specifier.contains(pins[requirement.name]) for requirement in wanted)


def test_what_comes_from_npm_is_locked_by_hashes_and_names_no_registry():
    wanted = json.loads((ROOT / "constraints/package.json").read_text())
    packages = json.loads((ROOT / "constraints/package-lock.json").read_text())["packages"]
    locked = packages.pop("")
    for kind in ("dependencies", "devDependencies"):
        assert locked[kind] == wanted[kind]
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())


def requirements(file: str) -> list[Requirement]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def test_colabs_versions_lie_within_the_ranges_of_pyproject():
    with (ROOT / "pyproject.toml").open("rb") as file:
        groups = tomllib.load(file)["project"]["optional-dependencies"]
    wanted = list(map(Requirement, groups["course"] + groups["runtimes"]))
    pins = {pin.name: next(iter(pin.specifier)).version for pin in requirements("constraints/colab.txt")}
    checked = [requirement for requirement in wanted if requirement.name in pins]
    assert {"torch", "tensorflow", "tensorflow-cpu", "jax", "numpy", "torchao"} <= {r.name for r in checked}
    for requirement in checked:
        assert requirement.specifier.contains(pins[requirement.name]), requirement
    assert pins["tensorflow-cpu"] == pins["tensorflow"]


def test_what_holds_the_default_set_back_holds_and_is_needed():
    pins = environment.requirements(OURS)
    for held in requirements("constraints/default.in"):
        assert all(
            held.specifier.contains(next(iter(p.specifier)).version) for p in pins if p.name == held.name
        )
        with (ROOT / "pyproject.toml").open("rb") as file:
            groups = tomllib.load(file)["project"]["optional-dependencies"]
        (allowed,) = (r for r in map(Requirement, groups["course"]) if r.name == held.name)
        bound = next(iter(held.specifier)).version
        assert allowed.specifier.contains(bound), f"{held} holds back nothing: pyproject.toml says {allowed}"
        assert "--constraint constraints/default.in" in (ROOT / "Makefile").read_text()


def test_what_has_passed_lies_within_the_ranges_of_pyproject():
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    for name, told in versions.read(OURS).items():
        assert SpecifierSet(project["requires-python"]).contains(told.python), name
        for requirement in map(Requirement, project["optional-dependencies"]["course"]):
            version = told.packages.get(requirement.name.removesuffix("-cpu"))
            if version is None:  # asked for since that set was run
                assert name != "default" and told.passed < len(told.notebooks), requirement
                continue
            assert requirement.specifier.contains(version), f"{name}: {requirement}, and {version} passed"


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in WORKFLOWS])
def test_a_workflow_is_valid_and_has_no_known_weakness(path):
    schema = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", path]
    result = subprocess.run(schema, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    zizmor = [Path(sys.executable).with_name("zizmor"), "--offline", "--no-progress", path]
    result = subprocess.run(zizmor, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_makefile_says_which_python_it_needs(tmp_path):
    make = subprocess.run(
        ["make", "-C", ROOT, "PYTHON=", f"VENV={tmp_path}/none", "test"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert make.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13" in make.stdout
    assert not (tmp_path / "none").exists()
