"""``symdyn audit``: layers, comparisons, and the page: whole, self-contained, safe."""

import json
import re
from html.parser import HTMLParser

import pytest
import torch

from symdyn_core.datasets.store import write_flow
from symdyn_core.experiments.auditing import audit_subject
from symdyn_core.experiments.subject import open_subject
from symdyn_core.experiments.worst_case import pictured, worst_case
from symdyn_core.layers import PlainKit, SteerableKit
from symdyn_core.plots.audit_page import audit_page
from symdyn_core.symmetries import Rotation
from tests.command_line import run, save_small_models
from tests.conftest import mock_flow

FOREIGN = """
import torch
from torch import nn

class Net(nn.Module):
    past = 2
    receptive_radius = 2

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(4, 6, 3, padding=1)
        self.second = nn.Conv2d(6, 2, 3, padding=1)

    def forward(self, w):
        return self.second(torch.relu(self.first(w.flatten(1, 2))))

class NoForwardMode(nn.Module):
    past = 2

    def forward(self, w):
        return torch.from_numpy(w[:, -1].numpy() * 1)

def still(w):
    return w[:, -1]

def wavering(w):
    return w[:, -1] + 0.1 * torch.randn_like(w[:, -1])
"""


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with a small zoo, and a module of the user's, in the current folder."""
    monkeypatch.setenv("SYMDYN_DATA", str(tmp_path / "data"))
    save_small_models(PlainKit(), SteerableKit(order=4), past=2, training={"seed": 3})
    (tmp_path / "foreign_nets.py").write_text(FOREIGN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def flow(tmp_path):
    return str(write_flow(mock_flow(frames=24, ny=16, nx=16, members=2), tmp_path / "flow.zarr"))


class Page(HTMLParser):
    """Checks that tags close in order, and collects what a page refers to and shows."""

    VOID = frozenset(("meta", "br", "link", "img", "hr"))

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.references, self.words = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        keys = ("src", "href", "xlink:href", "srcset", "action", "data")
        self.references += [found[key] for key in keys if found.get(key)]
        assert not any(name.startswith("on") for name in found)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, text):
        self.words.append(text)


def test_layers_report_what_loses_what(data, flow):
    code, out, err = run(
        "audit", "foreign_nets:Net", "--data", flow, "--layers", "--samples", 4, "--elements", 3,
        "--json",
    )  # fmt: skip
    assert code == 0, err
    report = json.loads(out)
    assert {"layers", "lost_at", "lie", "layer_lie"} <= report.keys()
    layers = [row["layer"] for row in report["layers"] if row["symmetry"] == "magnitude"]
    assert layers == ["first", "second", "forecast"]
    assert report["lost_at"]["magnitude"] is not None
    assert {row["symmetry"] for row in report["lie"]} >= {"translation", "boost", "rotation"}
    rows = {row["layer"]: row for row in report["layer_lie"]}
    assert rows["first"]["interior_median"] < 1e-4 < 0.05 < rows["first"]["lie_median"]
    assert rows["before second"]["interior_median"] > 1e-3  # the relu between them


def test_the_json_keeps_its_keys_and_gains_new_ones(data, flow):
    _, out, _ = run("audit", "rbc-resnet-rotation", "--data", flow, "--samples", 6, "--json")
    report = json.loads(out)
    assert {"model", "dataset", "dtype", "velocity_unit", "rows", "notes"} <= report.keys()
    row = report["rows"][0]
    assert {
        "symmetry",
        "element",
        "error_median",
        "error_max",
        "error_mean",
        "samples",
    } <= row.keys()
    assert {"error_median_low", "error_median_high", "blocks", "data_asymmetry"} <= row.keys()
    assert report["facts"]["model"]["seed"] == 3
    assert report["facts"]["model"]["parameters"] > 0 and report["facts"]["data"]["members"] == 2
    assert {row["element"] for row in report["rows"] if row["symmetry"] == "scaling"} >= {0.5}
    assert "layers" not in report


def test_a_model_that_answers_at_random_is_told_from_one_that_breaks_a_symmetry(data, flow):
    options = ("--past", 2, "--data", flow, "--samples", 2, "--elements", 2, "--json")
    for name, noted in (("wavering", True), ("still", False)):
        code, out, err = run("audit", f"foreign_nets:{name}", *options)
        assert code == 0, err
        assert noted == any("from call to call" in note for note in json.loads(out)["notes"])


def test_a_forecaster_without_forward_mode_is_measured_without_it(data, flow):
    code, out, _ = run(
        "audit", "foreign_nets:NoForwardMode", "--data", flow, "--layers", "--samples", 2,
        "--elements", 2, "--json",
    )  # fmt: skip
    report = json.loads(out)
    assert code == 0 and report["lie"] == [] and report["rows"]
    assert any("No Lie derivative" in note for note in report["notes"])


def test_a_function_has_no_layers_and_that_is_said(data, flow):
    code, out, _ = run(
        "audit", "foreign_nets:still", "--past", 2, "--data", flow, "--layers", "--samples", 2,
        "--elements", 2,
    )  # fmt: skip
    assert code == 0 and "measured as a whole only" in " ".join(out.split())


def test_a_comparison_stands_in_table_and_json(data, flow):
    arguments = (
        "audit", "rbc-resnet-rotation", "--against", "rbc-resnet-plain", "--data", flow,
        "--samples", 2, "--elements", 3, "--symmetry", "rotation",
    )  # fmt: skip
    code, out, _ = run(*arguments, "--json")
    report = json.loads(out)
    assert code == 0 and report["against"]["model"] == "rbc-resnet-plain"
    assert report["against"]["rows"][0]["error_median"] > report["rows"][0]["error_median"]
    code, out, _ = run(*arguments)
    assert code == 0 and "180" in out and "EE median" in out


def test_the_page_is_whole_and_loads_nothing(data, flow, tmp_path):
    page = tmp_path / "pages" / "audit.html"
    code, _, err = run(
        "audit", "rbc-resnet-rotation", "--against", "rbc-resnet-plain", "--data", flow,
        "--samples", 2, "--elements", 3, "--html", page,
    )  # fmt: skip
    assert code == 0 and "Wrote" in err, err
    text = page.read_text()
    found = Page(text)
    assert len(set(found.ids)) == len(found.ids)
    for reference in found.references:
        assert reference.startswith(("#", "data:image/png;base64,"))
        assert not reference.startswith("#") or reference[1:] in found.ids
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(found.ids)
    assert not re.search(r"https?://|<script|@import|<link|<iframe", text)
    words = " ".join(found.words)
    for expected in ("Equivariance audit", "Layer by layer", "Lie derivative", "Data asymmetry",
                     "rbc-resnet-plain", "Definitions", "sampling floor"):  # fmt: skip
        assert expected in words
    assert text.count('role="img"') >= 7 + 2 + 5
    assert [p.name for p in page.parent.iterdir()] == ["audit.html"]


def test_names_cannot_smuggle_markup_into_the_page(data, flow):
    subject = open_subject(
        "rbc-resnet-plain", flow, symmetries=["rotation", "translation"], samples=2, elements=5
    )
    report = audit_subject(subject, layers=True)
    evil = '"><script>alert(1)</script><b x="'
    report["model"] = report["dataset"] = evil
    report["notes"].append(evil)
    report["facts"]["model"][evil] = evil
    report["facts"]["data"]["title"] = evil
    for row in (*report["layers"], *report["layer_lie"]):
        row["layer"], row["kind"] = evil + row["layer"], evil
    report["lost_at"] = dict.fromkeys(report["lost_at"], evil)
    report["against"] = {**report}
    page = audit_page(report, worst_case(subject, report), {"velocity_unit": evil})
    found = Page(page)
    assert report["rows"] and report["layer_lie"]
    assert "script" not in page.replace("&lt;script&gt;", "").replace("&lt;/script&gt;", "")
    assert any("alert(1)" in words for words in found.words)  # shown as text


def test_a_page_without_any_row_says_what_is_missing(data, flow):
    subject = open_subject("rbc-resnet-plain", flow, symmetries=["rotation"], elements=2)
    report = audit_subject(subject)
    assert report["rows"] == []
    words = " ".join(Page(audit_page(report, worst_case(subject, report))).words)
    assert "Not measurable" in words and "Definitions" in words


def test_the_worst_case_is_the_worst(data, flow):
    subject = open_subject("rbc-resnet-plain", flow, samples=4, elements=3)
    report = audit_subject(subject)
    case = worst_case(subject, report)
    worst = max(report["rows"], key=lambda row: row["error_median"])
    assert case.symmetry.name == worst["symmetry"]
    assert case.error == pytest.approx(worst["error_max"], rel=1e-6)
    turned = pictured(subject, Rotation(), 90.0)
    expected = torch.rot90(torch.from_numpy(turned.flow), -1, (-2, -1))
    assert torch.allclose(torch.from_numpy(turned.transformed[1]), expected[0])
    difference = turned.forecast - turned.expected
    assert abs(difference - turned.difference).max() < 1e-5 * abs(turned.expected).max()
    assert worst_case(subject, {**report, "rows": []}) is None


def test_bad_pages_and_models_are_refused_in_one_line(data, flow, tmp_path):
    (tmp_path / "a_file").write_text("")
    cases = {
        "got the folder": ("rbc-resnet-plain", "--html", tmp_path),
        "Unknown model 'nobody'": ("rbc-resnet-plain", "--against", "nobody"),
        "a_file, which is a file": ("persistence", "--html", tmp_path / "a_file" / "page.html"),
    }
    for expected, (model, *rest) in cases.items():
        code, out, err = run("audit", model, "--data", flow, *rest)
        assert code == 2 and expected in err and err.count("\n") == 1, (expected, err)
        code, out, _ = run("audit", model, "--data", flow, *rest, "--json")
        assert code == 2 and expected in json.loads(out)["error"]


def test_short_flows_say_which_scalings_they_cannot_show(data, tmp_path):
    short = str(write_flow(mock_flow(frames=5, ny=16, nx=16), tmp_path / "short.zarr"))
    _, out, _ = run("audit", "rbc-resnet-plain", "--data", short, "--symmetry", "scaling", "--json")
    report = json.loads(out)
    assert any("Too few frames for scalings" in note for note in report["notes"])
    assert report["rows"] and max(row["element"] for row in report["rows"]) < 2
