"""Tables of experiments: what is written is read, what is no table is left out."""

import pytest

from symdyn_core.experiments.result_tables import ResultTable, read_tables, write_table

TABLE = ResultTable(
    "Rotated test sets",
    "The equivariant network errs as little on turned flows.",
    ["model", "RMSE [m/s]"],
    [["ResNet", 0.25], ["Rot ResNet", None]],
    source="Table 1",
)


def test_tables_are_read_as_they_were_written(tmp_path):
    assert read_tables(tmp_path / "nowhere") == {}
    write_table(TABLE, "rotation", tmp_path / "experiments")
    assert read_tables(tmp_path / "experiments") == {"rotation": TABLE}


def test_files_that_are_no_tables_are_left_out(tmp_path):
    write_table(TABLE, "b", tmp_path)
    for name, text in {"a": "{", "c": "[1]", "d": '{"title": "t"}'}.items():
        (tmp_path / f"{name}.json").write_text(text)
    assert [*read_tables(tmp_path)] == ["b"]


def test_rows_have_a_value_for_every_column():
    with pytest.raises(ValueError, match="rows of 2 values"):
        ResultTable("t", "c", ["x", "y"], [[1, 2], [3]])
