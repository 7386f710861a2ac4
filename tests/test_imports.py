"""The architecture holds: what may import what, what stays light, how long a function gets.

All rules are read from the syntax trees, so a file is judged without being run.
"""

import ast
import importlib
import importlib.util
import pkgutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import symdyn_core

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "symdyn_core"
SOURCES = sorted(LIBRARY.rglob("*.py"))

ORDER = [
    *(
        "paths",
        "whole_files",
        "freed_memory",
        "progress",
        "grid",
        "operators",
        "resampling",
        "point_sampling",
        "rings",
        "layers",
        "symmetries",
    ),
    *("solvers", "models", "datasets", "untrusted", "spectra", "inspection", "metrics"),
    *("scored_region", "equivariance", "training"),
    *("experiments", "benchmarking", "plots", "serving", "commands", "cli"),
]
"""Modules and packages of the library; each may import those before it and itself."""

PICTURES = {"holoviews", "hvplot", "matplotlib", "bokeh", "colorcet", "cmocean"}
LONGEST_FUNCTION = 60


def imported(source: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of all imports, also of those inside functions; no relative ones."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield node.lineno, "." * node.level
            elif node.module == "symdyn_core":
                yield from ((node.lineno, f"symdyn_core.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module or ""


def rank(part: str) -> int:
    return -1 if part == "__init__" else ORDER.index(part)


def order_faults(part: str, source: str) -> list[str]:
    """Imports of ``source``, a file of ``symdyn_core.<part>``, that go against ORDER.

    The package's own ``__init__`` comes before everything and may import nothing of it.
    """
    faults = []
    for line, name in imported(source):
        if name.startswith("."):
            faults.append(f"line {line}: a relative import; write symdyn_core. in full")
        elif name.split(".")[0] in {"app", "notebooks", "tests", "benchmarks"}:
            faults.append(f"line {line}: the library must not import {name}")
        elif name.startswith("symdyn_core."):
            other = name.split(".")[1]
            if other in ORDER and rank(other) > rank(part):
                faults.append(f"line {line}: {part} comes before {other}, so it cannot import it")
    return faults


def part_of(path: Path) -> str:
    """The module or package directly below ``symdyn_core`` that a file belongs to."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def long_functions(source: str, longest: int = LONGEST_FUNCTION) -> list[str]:
    """Functions whose body, less its docstring, has more than ``longest`` lines."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines > longest:
                found.append(f"line {node.lineno}: {node.name} has {lines} lines")
    return found


def roots(source: str) -> set[str]:
    """The top-level packages that a file imports."""
    return {name.split(".")[0] for _, name in imported(source)}


def everywhere(judge: Callable[[Path, str], object]) -> dict[str, object]:
    """File -> what ``judge(path, source)`` finds wrong with it, for the whole library."""
    found = {str(path.relative_to(ROOT)): judge(path, path.read_text()) for path in SOURCES}
    return {name: faults for name, faults in found.items() if faults}


def test_every_import_goes_down_the_order():
    assert {part_of(path) for path in SOURCES} - {"__init__"} <= set(ORDER), "give it a place"
    assert everywhere(lambda path, source: order_faults(part_of(path), source)) == {}


def test_the_order_checker_sees_wrong_imports():
    assert order_faults("grid", "from symdyn_core.models.zoo import load")
    assert order_faults("grid", "from symdyn_core import training")
    assert order_faults("operators", "def late():\n    import symdyn_core.datasets.schema")
    assert order_faults("__init__", "from symdyn_core import grid")
    assert order_faults("models", "from app import state")
    assert order_faults("models", "from .forecaster import rollout")
    assert order_faults("models", "from symdyn_core.layers import kit\nimport torch") == []


def test_only_plots_draws_and_only_the_app_serves():
    server = {"panel", "panel_material_ui"}
    assert (
        everywhere(
            lambda path, source: (
                roots(source) & (server if part_of(path) == "plots" else server | PICTURES)
            )
        )
        == {}
    )


def test_drawing_is_seen_wherever_it_is_imported():
    assert roots("def draw():\n    from matplotlib.figure import Figure") & PICTURES


@cache
def installed() -> Mapping[str, list[str]]:
    """Top-level package -> the distributions that bring it."""
    return packages_distributions()


def undeclared(source: str, declared: set[str]) -> set[str]:
    """Imported packages that come from no distribution in ``declared``."""
    distributions = installed()
    foreign = roots(source) - set(sys.stdlib_module_names) - {"symdyn_core"}
    return {
        root
        for root in foreign
        if not {canonicalize_name(name) for name in distributions.get(root, [])} & declared
    }


def test_what_is_imported_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    core, app = (
        {canonicalize_name(Requirement(line).name) for line in lines}
        for lines in (project["dependencies"], project["optional-dependencies"]["app"])
    )
    assert (
        everywhere(
            lambda path, source: undeclared(
                source, core | app if part_of(path) == "plots" else core
            )
        )
        == {}
    )


def test_an_undeclared_import_is_seen():
    assert undeclared("import pytest, json, torch", {"torch"}) == {"pytest"}


def loaded_by(statement: str) -> set[str]:
    """Top-level packages present in a fresh interpreter after one statement."""
    code = f"{statement}; import sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(result.stdout.split())


def test_importing_the_package_loads_no_plotting_and_no_server():
    heavy = {*PICTURES, "panel", "torch", "lightning", "dask"}
    assert not loaded_by("import symdyn_core") & heavy
    assert loaded_by("import colorcet") & heavy


def test_numerics_load_no_plotting_and_no_server():
    below = [p for p in ORDER[: rank("training")] if importlib.util.find_spec(f"symdyn_core.{p}")]
    statement = "; ".join(f"import symdyn_core.{part}" for part in below)
    assert not loaded_by(statement) & {*PICTURES, "panel"}


def test_functions_are_short():
    assert everywhere(lambda path, source: long_functions(source)) == {}


def test_a_long_function_is_seen():
    allowed = "\n".join(["    x = 1"] * LONGEST_FUNCTION)
    assert long_functions(f"def f():\n    'The docstring is free.'\n{allowed}") == []
    assert long_functions(f"def f():\n{allowed}\n    x = 2")
    method = textwrap.indent(f"async def f():\n{allowed}\n    x = 2", "    ")
    assert long_functions(f"class C:\n{method}")


def contents(docstring: str) -> list[str]:
    """The names in the first column of an indented table of contents."""
    rows = [line for line in docstring.splitlines() if line.startswith("    ")]
    return [row.split()[0] for row in rows if not row[4].isspace()]


def test_the_docstring_lists_the_package():
    present = {module.name for module in pkgutil.iter_modules([str(LIBRARY)])}
    listed = contents(symdyn_core.__doc__ or "")
    assert set(listed) == present
    assert listed == [part for part in ORDER if part in present], "in the order of ORDER"


def missing_names(module: ModuleType) -> list[str]:
    """What ``__all__`` promises and the module lacks."""
    return [name for name in getattr(module, "__all__", []) if not hasattr(module, name)]


def test_every_public_name_exists():
    names = [m.name for m in pkgutil.walk_packages([str(LIBRARY)], "symdyn_core.")]
    modules = [importlib.import_module(name) for name in names]
    assert {m.__name__: missing_names(m) for m in modules if missing_names(m)} == {}


def test_a_promised_name_that_is_missing_is_seen():
    module = ModuleType("promising")
    module.__all__ = ["present", "absent"]
    module.present = 1
    assert missing_names(module) == ["absent"]
