"""Models on measured currents: land nowhere, periods apart, fine-tuning that helps and resumes."""

import json

import numpy as np
import pytest
import torch

from symdyn_core.experiments.current_records import LEAD_DAYS, open_record
from symdyn_core.experiments.measured_currents import compare_on, errors_by_window, fine_tuned
from symdyn_core.layers import PlainKit, SteerableKit
from symdyn_core.models import Persistence, zoo
from symdyn_core.models.opening import open_forecaster
from symdyn_core.training import Settings
from tests.command_line import run, save_small_models
from tests.conftest import real
from tests.datasets.awkward import currents, written

PAST = 4
TRAIN, TEST = ("2002-01-01", "2002-05-10"), ("2002-05-11", "2002-06-09")
QUICK = Settings(
    updates=30, updates_per_epoch=15, batch=4, rollout_steps=2, learning_rate=5e-3,
    validation_windows=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """160 days of drifting waves, the lower left quarter of the field land."""
    dataset = currents(days=range(160))
    for name in dataset.data_vars:
        dataset[name][:, :4, :5] = np.nan
    return str(written(dataset, tmp_path_factory.mktemp("currents") / "waves.nc"))


@pytest.fixture
def models(tmp_path, monkeypatch):
    """Names of two small untrained models in a zoo of their own."""
    monkeypatch.setenv("SYMDYN_DATA", str(tmp_path / "data"))
    save_small_models(PlainKit(), SteerableKit(), past=PAST)
    return zoo.names()


@pytest.fixture
def record(file):
    return open_record(file, TRAIN, TEST, PAST)


def test_periods_share_no_day_and_windows_stay_inside_them(record):
    assert (record.train, record.test) == (TRAIN, TEST)
    assert len(record.split.test) == 30 - PAST - LEAD_DAYS + 1
    assert record.land == pytest.approx(0.25)
    frames = [len(part.frames[0]) for part in (record.split.train, record.split.valid)]
    assert sum(frames) == 130 - (PAST + LEAD_DAYS - 1)  # a gap between the two


def test_persistence_errs_as_computed_from_the_file_itself(file, record):
    fields = currents(days=range(160))
    w = np.stack([fields["uo"], fields["vo"]], axis=1)[130:]
    water = np.ones(w.shape[-2:], dtype=bool)
    water[:4, :5] = False
    errors = errors_by_window(Persistence(PAST), record.split.test)
    for window in (0, 7, 21):
        now = w[window + PAST - 1]
        for lead in range(LEAD_DAYS):
            difference = (w[window + PAST + lead] - now)[:, water]
            assert errors[window, lead] == pytest.approx((difference**2).mean(), rel=1e-4)


def test_what_a_model_says_on_land_does_not_count(record):
    class OnLand:
        """Persistence on water, nonsense on land."""

        past = PAST

        def __call__(self, window):
            forecast = window[:, -1].clone()
            forecast[..., :4, :5] = 1e3
            return forecast

    class OnWater(OnLand):
        def __call__(self, window):
            forecast = super().__call__(window)
            forecast[..., 0, 9] += 1.0
            return forecast

    test = record.split.test
    still = errors_by_window(Persistence(PAST), test)
    assert torch.equal(errors_by_window(OnLand(), test), still)
    assert (errors_by_window(OnWater(), test) > still).all()


def test_fine_tuning_helps_and_goes_on_where_it_was(record, models, tmp_path):
    first = compare_on(record, tmp_path / "runs", models=models, settings=QUICK)
    before, after = first["rmse"].sel(stage="as trained"), first["rmse"].sel(stage="fine-tuned")
    assert bool((after < 0.7 * before).all())
    assert dict(first["rmse"].sizes) == {"stage": 2, "model": 2, "lead_time": LEAD_DAYS}
    assert bool((first["spread"] > 0).all()) and float(first["better"].max()) <= 1
    assert first["lead_time"].values.tolist() == [86400.0 * day for day in range(1, 6)]
    again = compare_on(record, tmp_path / "runs", models=models, settings=QUICK)
    assert again.equals(first)  # finished runs are read, not repeated
    elsewhere = compare_on(record, tmp_path / "other", models=models, settings=QUICK)
    assert elsewhere.equals(first)  # and a repetition ends the same


def test_a_fine_tuned_model_is_a_run_like_any_other(record, models, tmp_path):
    tuned = fine_tuned(models[0], record, tmp_path, QUICK)
    (directory,) = tmp_path.glob(f"{models[0]}-*")
    opened = open_forecaster(str(directory))
    window = record.split.test.batch([3]).w[:, :PAST]
    with torch.no_grad():
        assert torch.equal(opened(window), tuned(window))
        assert not torch.equal(zoo.load(models[0], scale=record.split.scale)(window), tuned(window))


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (TRAIN, ("2002-05-10", "2002-06-09"), "after the training period"),
        (TRAIN, ("2002-06-05", "2002-06-09"), "at least 9 frames"),
        (("2002-01-01", "2002-01-10"), TEST, "longer flow"),
    ],
)
def test_impossible_periods_are_refused(file, train, test, message):
    with pytest.raises(ValueError, match=message):
        open_record(file, train, test, PAST)


def test_the_command_reports_every_model_beside_persistence(file, models):
    asked = [f"--only={name}" for name in models]
    dates = ["--train", ",".join(TRAIN), "--test", ",".join(TEST), "--updates", 2]
    code, out, _ = run("zoo", "currents", file, *dates, *asked, "--json")
    report = json.loads(out)
    assert code == 0 and report["windows"] == 22 and report["lead_days"] == [1, 2, 3, 4, 5]
    rows = [(row["model"], row["stage"]) for row in report["rows"]]
    stages = ("as trained", "fine-tuned")
    assert rows == [("persistence", ""), *((name, stage) for stage in stages for name in models)]
    code, out, _ = run("zoo", "currents", file, *dates, *asked)
    assert code == 0 and "persistence" in out and "day 5" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--train", "2002-01", "--test", "2002-06,2002-06"), "--train takes 2 values"),
        (
            ("--train", "2002-01,2002-02", "--test", "2002-06,2002-06", "--period", "2002,2003"),
            "--train and --test",
        ),
        (
            ("--train", "2002-01,2002-02", "--test", "2002-06,2002-06", "--only", "nobody"),
            "Unknown model 'nobody'",
        ),
    ],
)
def test_bad_requests_are_one_line(file, models, tmp_path, arguments, message):
    code, out, error = run("zoo", "currents", file, *arguments)
    assert code == 2 and message in error and error.count("\n") == 1 and not out
    assert not (tmp_path / "data" / "runs").exists()


def test_real_currents_are_forecast_with_their_land_masked(models, tmp_path):
    files = real("globcurrent_agulhas") / "20020[6-9]*.nc"
    record = open_record(files, ("2002-06", "2002-08"), ("2002-09", "2002-09"), PAST)
    assert record.test == ("2002-09-01", "2002-09-30")
    assert len(record.split.test) == 30 - PAST - LEAD_DAYS + 1
    assert record.land == pytest.approx(0.2316, abs=5e-4)
    settings = Settings(updates=2, batch=2, rollout_steps=1, validation_windows=1)
    table = compare_on(record, tmp_path, models=models[:1], settings=settings)
    assert np.isfinite(table["rmse"].values).all()
    # Persistence errs more from day to day, from a tenth of a metre per second on.
    by_day = table["persistence_rmse"].values
    assert (np.diff(by_day) > 0).all() and 0.08 < by_day[0] < 0.16
