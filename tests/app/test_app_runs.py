"""Small trainings of the dashboard: who may start them, on what, and under which name they open."""

import pytest

from symdyn_core.experiments.run_records import RunRecord

pytest_plugins = ("dashboard_fixtures",)


@pytest.fixture
def allowed(data, monkeypatch):
    monkeypatch.setenv("SYMDYN_ALLOW_TRAINING", "1")
    return data


def test_nobody_trains_where_it_is_not_allowed(data):
    from app import trainings

    with pytest.raises(ValueError, match="may not start"):
        trainings.start(trainings.offered()[0])


def test_only_flows_of_the_server_that_are_long_enough_are_trained_on(allowed):
    from app import trainings
    from app.flows import Source

    with pytest.raises(ValueError, match="Only flows of this server"):
        trainings.start(Source("mine", "/etc"))
    with pytest.raises(ValueError, match="Choose a longer flow"):
        trainings.start(trainings.offered()[0])
    assert not trainings.runs_directory().joinpath("dashboard").exists()


def test_a_run_opens_as_a_model_of_this_machine_or_of_the_operator(data, monkeypatch, tmp_path):
    from app import trainings

    own = trainings.runs_directory() / "dashboard" / "one"
    assert trainings.model_name(RunRecord("dashboard/one", own)) == "run:dashboard/one"
    monkeypatch.setenv("SYMDYN_MODELS", str(tmp_path))
    assert trainings.roots()[-1] == tmp_path
    assert trainings.model_name(RunRecord(tmp_path.name, tmp_path)) == str(tmp_path)
    assert trainings.own(RunRecord("dashboard/one", own))
    assert not trainings.own(RunRecord("zoo/one", trainings.runs_directory() / "zoo" / "one"))
