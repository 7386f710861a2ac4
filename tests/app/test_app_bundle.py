"""Modules of JavaScript joined into one text."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.bundle import bundled

APP = Path(__file__).parents[2] / "app"
FOLDERS = APP / "canvas", APP / "page_parts"
COMPONENTS = ("field_view", "title_bar", "help_box", "tour_card")


def written(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "entry.js"


def test_no_module_of_the_canvas_is_idle_and_each_is_there_once():
    text = bundled(APP / "field_view.js", APP / "canvas")
    for file in (APP / "canvas").glob("*.js"):
        assert text.count(f"const symdyn_{file.stem} = (") == 1, file
    assert "import " not in re.sub(r"//.*", "", text)
    text = bundled(APP / "title_bar.js", *FOLDERS)
    for file in (APP / "page_parts").glob("*.js"):
        assert text.count(f"const symdyn_{file.stem} = (") == 1, file
    assert "symdyn_board" not in text


@pytest.mark.parametrize("component", COMPONENTS)
def test_what_is_taken_from_a_module_is_handed_out_by_it(component):
    text = bundled(APP / f"{component}.js", *FOLDERS)
    for names, module in re.findall(r"^const \{([^}]*)\} = symdyn_(\w+);", text, re.MULTILINE):
        body = text.split(f"const symdyn_{module} = (")[1].split("\n})();\n")[0]
        (handed,) = re.findall(r"^return \{([^}]*)\};", body, re.MULTILINE)
        assert {name.split(":")[0].strip() for name in names.split(",")} <= set(handed.split(", "))
    assert text.rstrip().count("export function render") == 1


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node, to run the joined text")
def test_the_joined_text_does_what_the_modules_do(tmp_path):
    entry = written(
        tmp_path,
        entry='import {twice, TWO as count, THREE} from "symdyn/second";\n'
        'import * as first from "symdyn/first";\n'
        "export function render() { return [twice(5), count, THREE, first.made(1).value]; }\n",
        second='import {add} from "symdyn/first";\nexport const TWO = 2, THREE = 3;\n'
        "export const scaled = (value, by = 4) => value * by;\n"
        "export function twice(value) { return add(value, value); }\n",
        first="class Made { constructor(value) { this.value = value; } }\n"
        "export const add = (a, b) => a + b;\nexport function made(value) "
        "{ return new Made(add(value, 6)); }\n",
    )
    text = bundled(entry, tmp_path) + "console.log(JSON.stringify(render()));\n"
    (tmp_path / "whole.mjs").write_text(text)
    command = [shutil.which("node"), str(tmp_path / "whole.mjs")]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout == "[10,2,3,7]\n"


def test_what_cannot_be_joined_is_refused(tmp_path):
    entry = written(tmp_path, entry='import {a} from "symdyn/nowhere";\n')
    with pytest.raises(ValueError, match=r"Expected 'nowhere\.js'"):
        bundled(entry, tmp_path)
    entry = written(
        tmp_path,
        entry='import {a} from "symdyn/one";\n',
        one='import {b} from "symdyn/two";\nexport const a = b;\n',
        two='import {a} from "symdyn/one";\nexport const b = a;\n',
    )
    with pytest.raises(ValueError, match="one -> two -> one"):
        bundled(entry, tmp_path)
    with pytest.raises(ValueError, match="on one line each"):
        bundled(written(tmp_path, entry='import React from "react";\n'), tmp_path)
    entry = written(
        tmp_path, entry='import {a} from "symdyn/late";\n', late="const a = 1;\nexport {a};\n"
    )
    with pytest.raises(ValueError, match=r"where things are declared in 'late\.js'"):
        bundled(entry, tmp_path)
