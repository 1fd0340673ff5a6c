"""Measured values by reference."""

from __future__ import annotations

import pytest

from support.records import everything, record, store
from triptych.benchmark import records
from triptych.claims.recorded import find
from triptych.errors import TriptychError

LAB = "results/lab#"


@pytest.fixture
def machines(course):
    store(course.root, record("lab", everything()))
    return records.read(course)


def test_a_fact_is_found_by_machine_measurement_framework_and_variant(machines):
    assert find(f"{LAB}resnet50 training/jax/eager/median", machines).value == 9.0
    assert find(f"{LAB}resnet50 training/jax/eager/rate", machines).value == 8 / 9.0
    assert find(f"{LAB}resnet50 training/jax/eager/batch", machines).value == 8
    assert find(f"{LAB}mobilenet_v2 inference/jax/graph/2 threads/cpu/median", machines).value == 0.04


def test_a_star_takes_every_framework_or_variant(machines):
    found = find(f"{LAB}resnet50 training/*/eager/memory", machines)
    assert found.several and found.varies
    assert dict(found.values) == {
        "pytorch, eager": 2e9 + 1,
        "tensorflow, eager": 4e9 + 1,
        "jax, eager": 8e9 + 1,
    }
    assert len(find(f"{LAB}mlp step/jax/*/first", machines).values) == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("results/lab", "not a reference to a record; write results/MACHINE#"),
        (f"{LAB}mlp step/jax/median", "not a reference to a record"),
        ("results/barn#mlp step/jax/jit/median", "no record 'barn'; the nearest are: 'lab'"),
        (f"{LAB}mlp stop/jax/jit/median", "no measurement 'mlp stop' of lab; the nearest are: 'mlp step'"),
        (f"{LAB}mlp step/jaxx/jit/median", "no 'jaxx' in 'mlp step'; the nearest are: 'jax'"),
        (f"{LAB}mlp step/jax/jitt/median", "no 'jitt' in 'mlp step'; the nearest are: 'jit'"),
        (f"{LAB}mlp step/jax/jit/3 threads/median", "none with '3 threads'"),
        (f"{LAB}mobilenet_v2 inference/jax/graph/median", "several fit: 1 thread"),
        (f"{LAB}mlp step/jax/jit/memory", "jax, jit has no 'memory'"),
        (f"{LAB}mlp step/jax/jit/dtype", "jax, jit has no 'dtype'"),
    ],
)
def test_what_was_not_measured_is_one_line_with_the_nearest_names(machines, text, fault):
    with pytest.raises(TriptychError) as error:
        find(text, machines)
    assert fault in str(error.value)
