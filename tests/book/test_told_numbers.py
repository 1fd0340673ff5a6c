"""Numbers that a page's question tells, and that no notebook computes: they are computed here."""

from __future__ import annotations

from support import ROOT


def test_plain_gradient_descent_needs_as_many_steps_as_the_question_about_newton_says() -> None:
    x, y, steps = 1.2, 1.0, 0
    while True:
        slope = (-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x))
        if max(map(abs, slope)) < 1e-8:
            break
        x, y, steps = x - 0.001 * slope[0], y - 0.001 * slope[1], steps + 1
    page = (ROOT / "book/autodiff/products.md").read_text(encoding="utf-8")
    assert f"gradient descent with a step of 0.001 takes {steps:,}." in page
