"""The sidebar of a visitor, without a browser."""

import pytest


@pytest.fixture
def complaints():
    """Lines that a visitor was shown."""
    return []


@pytest.fixture
def controls(state, complaints):
    """The sidebar of a new visitor."""
    from app.panels.controls import Controls

    return Controls(state, complaints.append, lambda: complaints.append("worst"))
