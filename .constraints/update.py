"""Write the constraints file of one Python version: the exact versions that install together.

    python .constraints/update.py 3.11 [torch==2.13.0 ...]

pip resolves every dependency and extra of pyproject.toml at once for that Python, without
installing anything; further requirements on the command line narrow the answer. Only
``name==version`` lines are kept: local labels (``+cpu``) go, because torch is the same release
whether built for CPU or CUDA, and so do the CUDA packages, which torch itself pins and which
differ between its builds.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT_WITH_TORCH = re.compile(r"(nvidia|cuda)-|triton$")


def declared() -> list[str]:
    """Every requirement that pyproject.toml names, of the core and of all extras."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    return sorted({*project["dependencies"], *(line for extra in extras for line in extra)})


def resolve(python: str, requirements: list[str]) -> dict[str, str]:
    """Ask pip for the versions it would install on that Python, wheels only."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", "--target", folder, "--report", str(report)]
        command += ["--only-binary=:all:", "--python-version", python, *requirements]
        subprocess.run(command, check=True)
        installs = json.loads(report.read_text())["install"]
    chosen = {}
    for install in installs:
        name = re.sub(r"[-_.]+", "-", install["metadata"]["name"]).lower()
        chosen[name] = install["metadata"]["version"].split("+")[0]
    return {name: chosen[name] for name in sorted(chosen) if not BUILT_WITH_TORCH.match(name)}


def main() -> None:
    python, *narrowed = sys.argv[1:]
    versions = resolve(python, declared() + narrowed)
    lines = "".join(f"{name}=={version}\n" for name, version in versions.items())
    written = HERE / f"{python}.txt.new"
    written.write_text(lines)
    written.replace(HERE / f"{python}.txt")


if __name__ == "__main__":
    main()
