"""JavaScript modules joined into one, so that a component brings what it needs and nothing else.

Panel loads a component from a place of its own, where addresses relative to a file lead nowhere.
Import maps would do, but every component of every session would carry all modules, which the
browser then has to read one by one. Joined they work served and in notebooks, without a network
and without Node.

Modules import each other as ``symdyn/name``, by name or whole, and export constants, functions
and classes where they declare them.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

IMPORT = re.compile(r'^import (?:\{([^}]*)\}|\* as (\w+)) from "symdyn/(\w+)";\n', re.MULTILINE)
EXPORT = re.compile(
    r"^export (const|function\*?|async function|class) (\w+)([^;\n]*)", re.MULTILINE
)
FURTHER = re.compile(r",\s*(\w+)\s*=")
"""The second and later names of ``export const A = 0, B = 1``."""


def bundled(entry: Path, *folders: Path) -> str:
    """The text of a component with all modules that it imports, directly or not.

    Args:
        entry: the module whose own exports, ``render`` above all, stay those of the whole.
        folders: where ``symdyn/name`` is ``name.js``.

    Raises:
        ValueError: a module that is not there or that imports itself, or an import or export in
            another form than those above.
    """
    text = entry.read_text(encoding="utf-8")
    modules = [_wrapped(name, folders) for name in _order(_imported(text), folders, ())]
    return "".join(modules) + _linked(text, entry.name)


def _imported(text: str) -> list[str]:
    return [match[3] for match in IMPORT.finditer(text)]


def _order(names: Iterable[str], folders: tuple[Path, ...], above: tuple[str, ...]) -> list[str]:
    """Modules with those that they import before them."""
    found: list[str] = []
    for name in names:
        if name in above:
            raise ValueError(f"Expected modules without cycles, got {' -> '.join((*above, name))}.")
        below = _order(_imported(_source(name, folders)), folders, (*above, name))
        found += [module for module in (*below, name) if module not in found]
    return found


@cache
def _source(name: str, folders: tuple[Path, ...]) -> str:
    for folder in folders:
        file = folder / f"{name}.js"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    places = " or ".join(f"'{folder}'" for folder in folders)
    raise ValueError(f"Expected '{name}.js' in {places}, found none.")


def _linked(text: str, name: str) -> str:
    """A module with its imports taken from the modules before it."""

    def taken(match: re.Match) -> str:
        names, whole, module = match.groups()
        if whole:
            return f"const {whole} = symdyn_{module};\n"
        return f"const {{{names.replace(' as ', ': ')}}} = symdyn_{module};\n"

    linked = IMPORT.sub(taken, text)
    if re.search(r"^import\b", linked, re.MULTILINE):
        raise ValueError(f"Expected imports from \"symdyn/...\" on one line each in '{name}'.")
    return linked


def _wrapped(name: str, folders: tuple[Path, ...]) -> str:
    """A module as the object of its exports."""
    text = _linked(_source(name, folders), f"{name}.js")
    names = []
    for kind, first, rest in EXPORT.findall(text):
        several = kind == "const" and "(" not in rest
        names += [first, *(FURTHER.findall(rest) if several else ())]
    text = EXPORT.sub(r"\1 \2\3", text)
    if re.search(r"^export\b", text, re.MULTILINE):
        raise ValueError(f"Expected exports where things are declared in '{name}.js'.")
    return f"const symdyn_{name} = (() => {{\n{text}return {{{', '.join(names)}}};\n}})();\n"
