"""Gaps, repetitions and calendars of files, by hand."""

import numpy as np
import pytest

from symdyn_core.datasets.opening import open_any
from symdyn_core.inspection.report import inspect_path
from symdyn_core.inspection.times import TimeAxis
from tests.datasets.awkward import currents, written


def days(*numbers) -> np.ndarray:
    return np.datetime64("2002-01-01", "ns") + np.array(numbers) * np.timedelta64(24, "h")


def test_gaps_are_where_frames_are_missing():
    axis = TimeAxis.of(days(0, 1, 2, 5, 6, 7, 8, 9, 20))
    assert axis.usual == 86400 and not axis.even
    assert axis.gaps == [
        {"after": "2002-01-03T00:00:00", "before": "2002-01-06T00:00:00", "missing": 2},
        {"after": "2002-01-10T00:00:00", "before": "2002-01-21T00:00:00", "missing": 10},
    ]
    assert axis.longest_stretch() == (3, 8)
    assert axis.described()["missing"] == 12
    # Control: without the missing days there is nothing to report.
    assert TimeAxis.of(days(*range(9))).gaps == [] and TimeAxis.of(days(*range(9))).even


def test_repetition_and_disorder_are_told_apart():
    axis = TimeAxis.of(days(0, 1, 1, 2, 2, 2, 3))
    assert axis.described()["duplicates"] == 3 and axis.described()["count"] == 7
    assert axis.ordered and axis.even
    assert not TimeAxis.of(days(1, 0, 2)).ordered


def test_months_are_uneven_and_no_gaps():
    months = np.arange("2001-01", "2003-01", dtype="datetime64[M]").astype("datetime64[ns]")
    axis = TimeAxis.of(months)
    assert axis.gaps == [] and not axis.even


def test_a_single_time_has_no_step():
    found = TimeAxis.of(days(4)).described()
    assert found["dt"] is None and found["gaps"] == [] and found["count"] == 1


def test_numbers_keep_their_unit():
    found = TimeAxis.of(np.array([0.0, 0.2, 0.4, 1.0]), "1").described()
    assert found["dt"] == pytest.approx(0.2) and found["calendar"] is None
    assert found["gaps"] == [{"after": 0.4, "before": 1.0, "missing": 2}]


def test_a_file_with_a_gap_is_reported_by_its_longest_stretch(tmp_path):
    path = written(currents(days=[0, 1, 4, 5, 6, 7, 9]), tmp_path / "a.nc")
    with pytest.raises(ValueError, match="evenly spaced"):
        open_any(path)
    report = inspect_path(path).report
    assert report["times"]["count"] == 7 and report["times"]["missing"] == 3
    problem = next(text for text in report["problems"] if "missing" in text)
    assert "3 frames are missing in 2 gaps" in problem
    assert "--period 2002-01-05,2002-01-08" in problem
    # What is advised works, and gives the same numbers.
    stretch = inspect_path(path, period=("2002-01-05", "2002-01-08")).report
    assert stretch["times"]["gaps"] == [] and stretch["rms"] == report["rms"]
    assert stretch["persistence"] == report["persistence"]
    assert len(stretch["persistence"]) == 3


def test_repeated_frames_are_counted(tmp_path):
    once = currents(days=[0, 1, 2])
    written(once, tmp_path / "a.nc")
    written(currents(days=[2, 3]), tmp_path / "b.nc")
    report = inspect_path(tmp_path).report
    assert report["times"]["count"] == 5 and report["times"]["duplicates"] == 1
    assert any("dropped 1 repeated" in problem for problem in report["problems"])


def test_months_are_reported_frame_by_frame(tmp_path):
    path = written(currents(days=[0, 31, 59, 90, 120, 151]), tmp_path / "a.nc")
    report = inspect_path(path).report
    assert any("uneven (28 to 31 days)" in problem for problem in report["problems"])
    assert not report["times"]["even"] and len(report["persistence"]) == 4


def test_a_single_frame_is_reported(tmp_path):
    path = written(currents(days=[3]), tmp_path / "a.nc")
    report = inspect_path(path).report
    assert report["times"]["count"] == 1 and report["persistence"] == []
    assert report["rms"] > 0 and report["samples"] == 1 and report["source"] == "a.nc"
    assert any("single time" in problem for problem in report["problems"])


def test_other_calendars_are_named(tmp_path):
    attributes = {"units": "days since 2001-02-27", "calendar": "360_day"}
    path = written(currents(days=range(5), time_attributes=attributes), tmp_path / "a.nc")
    times = inspect_path(path).report["times"]
    assert times["calendar"] == "360_day" and times["dt"] == 86400 and times["count"] == 5


def test_rows_from_the_north_are_reported(tmp_path):
    north = currents().isel(latitude=slice(None, None, -1))
    assert inspect_path(written(north, tmp_path / "a.nc")).report["grid"]["rows"] == (
        "north to south"
    )
    assert inspect_path(written(currents(), tmp_path / "b.nc")).report["grid"]["rows"] == (
        "south to north"
    )
