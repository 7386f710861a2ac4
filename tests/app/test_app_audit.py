"""What the page of audits says while models are measured, and afterwards."""

import pytest

from app.audits import Curve
from app.panels.audit_words import sentence
from symdyn_core.equivariance.curves import AuditRow

TITLES = {"a": "First", "b": "Second"}


def curve(*errors: float) -> Curve:
    rows = [
        AuditRow("rotation", 15.0 * (i + 1), error, error, error, samples=8, valid_share=1.0)
        for i, error in enumerate(errors)
    ]
    return Curve(tuple(rows), (0.0,) * len(rows))


def said(curves: dict[str, Curve], unfinished: list[str], problems=(), done=0.5) -> str:
    return sentence("rotation", curves, TITLES, dict(problems), unfinished, done)


@pytest.mark.parametrize("unfinished", [["a", "b"], ["b"]])
def test_nobody_is_worst_before_all_are_measured(unfinished):
    half = {"a": curve(0.1, 0.3), "b": curve(0.2)}
    text = said(half, unfinished)
    assert "worst" not in text
    assert all((f"<b>{TITLES[name]}</b>" in text) == (name in unfinished) for name in TITLES)

    # Once all are, the same curves name the worst element of each.
    text = said(half, [], done=1.0)
    assert "Measuring" not in text
    assert "<b>First</b> fails worst where the flow is turned by 30°: <b>30.0 %</b>" in text
    assert "<b>Second</b> fails worst where the flow is turned by 15°: <b>20.0 %</b>" in text


def test_a_model_that_cannot_be_measured_is_not_waited_for():
    text = said({"a": curve(0.1), "b": Curve()}, [], {"b": "no weights"}, done=1.0)
    assert "First</b> fails worst" in text
    assert "<b>Second</b> could not be measured: no weights" in text


def test_all_is_measured_at_the_very_end_only():
    assert 'data-measured="99"' in said({"a": curve(0.1), "b": Curve()}, ["b"], done=0.996)
    assert 'data-measured="100"' in said({"a": curve(0.1), "b": curve(0.1)}, [], done=1.0)
