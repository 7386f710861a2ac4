"""One environment however it is made: pyproject, conda, tested versions and clone agree."""

import re
import subprocess
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONSTRAINTS = sorted((ROOT / ".constraints").glob("*.txt"))

CONDA_NAMES = {"torch": "pytorch", "playwright": "playwright-python"}
"""Where conda-forge calls a package otherwise (case aside)."""

NOT_ON_CONDA = {"bench", "accessibility"}
"""Extras whose packages are left to pip."""

TOP_LEVEL = {"app", "notebooks", "symdyn_core", "data", "tests", "benchmarks"} | {
    "environment.yml",
    "README.md",
    "pyproject.toml",
    "Makefile",
    "LICENSE",
}


def requirement_map(lines: Iterable[str]) -> dict[str, str]:
    """Canonical name -> version range of requirement lines."""
    parsed = [Requirement(line) for line in lines]
    return {canonicalize_name(r.name): str(r.specifier) for r in parsed}


def conda_map(lines: Iterable[str]) -> dict[str, str]:
    """The same, with the names that conda-forge uses."""
    ranges = requirement_map(lines)
    return {CONDA_NAMES.get(name, name): text for name, text in ranges.items()}


def declared(without: set[str] = frozenset()) -> list[str]:
    """Requirement lines of the core and of the extras."""
    chosen = [line for name, lines in EXTRAS.items() if name not in without for line in lines]
    return PROJECT["dependencies"] + chosen


def pins(text: str) -> dict[str, str]:
    """Name -> version of a constraints file; a line of any other form is a ValueError."""
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r"([a-z0-9]+(?:-[a-z0-9]+)*)==([0-9][0-9a-z.]*)", line)
        if not match:
            raise ValueError(f"expected name==version, got {line!r}")
        found[match[1]] = match[2]
    return found


def test_conda_environment_equals_pyproject():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = [line for line in listed if isinstance(line, str)]
    (through_pip,) = (line["pip"] for line in listed if isinstance(line, dict))
    expected = conda_map(declared(without=NOT_ON_CONDA))
    expected["python"] = PROJECT["requires-python"]
    assert requirement_map(line for line in conda if line != "pip") == expected
    assert conda[-1] == "pip" and through_pip == ["-e ."]


def test_a_missing_package_or_another_range_is_seen():
    assert conda_map(["torch>=2.6", "netCDF4>=1.7"]) == {"pytorch": ">=2.6", "netcdf4": ">=1.7"}
    assert conda_map(["torch>=2.6"]) != requirement_map(["pytorch>=2.5"])
    assert conda_map(["torch>=2.6"]) != requirement_map(["pytorch>=2.6", "numpy>=2"])


def test_one_package_has_one_range():
    for name in {canonicalize_name(Requirement(line).name) for line in declared()}:
        lines = [r for r in declared() if canonicalize_name(Requirement(r).name) == name]
        assert len(set(lines)) == 1, lines


@pytest.mark.parametrize("path", CONSTRAINTS, ids=lambda path: path.name)
def test_tested_versions_satisfy_every_declared_range(path: Path):
    versions = pins(path.read_text())
    assert list(versions) == sorted(versions)
    for line in declared():
        requirement = Requirement(line)
        version = versions.get(canonicalize_name(requirement.name))
        assert version, f"{path.name} lacks {requirement.name}"
        assert requirement.specifier.contains(version), f"{path.name}: {version}, not {line}"


@pytest.mark.parametrize(
    "line",
    [
        "torch==2.13.0+cpu",
        "torch>=2.6",
        "torch @ https://example.org/torch.whl",
        "--find-links wheels",
        "numpy==2.0 --hash=sha256:00",
        "# numpy==2.0",
        "",
    ],
)
def test_constraints_hold_nothing_but_versions(line: str):
    with pytest.raises(ValueError, match="name==version"):
        pins(f"numpy==2.0\n{line}\nzarr==3.0")


def test_there_are_constraints_for_two_pythons():
    assert [path.name for path in CONSTRAINTS] == ["3.11.txt", "3.13.txt"]


def unpinned(lines: Iterable[str], versions: dict[str, str]) -> set[str]:
    """What the requirements lead to, as far as installed here, that has no pinned version."""
    waiting, seen, missing = [Requirement(line) for line in lines], set(), set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            further = [Requirement(line) for line in requires(name) or []]
        except PackageNotFoundError:
            continue
        if name not in versions:
            missing.add(name)
        extras = [{"extra": extra} for extra in ("", *requirement.extras)]
        waiting += [r for r in further if not r.marker or any(map(r.marker.evaluate, extras))]
    return missing


def versions_of_both() -> dict[str, str]:
    """The versions of both files: which of them applies depends on the Python that runs this."""
    return {name: v for path in CONSTRAINTS for name, v in pins(path.read_text()).items()}


def test_tested_versions_reach_what_the_dependencies_need():
    # The builds of torch for CUDA bring libraries that torch itself pins to the exact release.
    found = unpinned(declared(), versions_of_both())
    assert {name for name in found if not re.match(r"(nvidia|cuda)-|triton$", name)} == set()


def test_an_unpinned_dependency_of_a_dependency_is_seen():
    versions = versions_of_both()
    del versions["pluggy"]
    assert unpinned(["pytest"], versions) == {"pluggy"}


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git clone")
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True)


def unexpected(files: Iterable[str]) -> set[str]:
    """Top-level names beyond those of the layout; dot files and dot folders are free."""
    return {f.split("/")[0] for f in files if not f.startswith(".")} - TOP_LEVEL


def test_the_top_level_stays_tidy():
    assert unexpected(git("ls-files").stdout.splitlines()) == set()


def test_a_stray_file_is_seen():
    assert unexpected(["scratch.py", "app/main.py", ".ci/run", "out/a.csv"]) == {
        "scratch.py",
        "out",
    }


@pytest.mark.parametrize("path", ["data/raw/a.nc", "data/processed/a.zarr/c/0", "data/runs/1/a.pt"])
def test_bulk_data_are_ignored(path: str):
    assert git("check-ignore", "-q", path).returncode == 0


@pytest.mark.parametrize(
    "path",
    [
        "data/demo/a.zarr/c/0",
        "data/zoo/a.json",
        "tests/data/raw/a.nc",
        "symdyn_core/datasets/new.py",
    ],
)
def test_ignore_patterns_are_anchored(path: str):
    assert git("check-ignore", "-q", path).returncode == 1
