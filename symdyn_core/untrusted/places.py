"""Which paths and addresses may be opened, where strangers name them."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

MOST_FILES = 200_000
"""Files of a store that are looked at for links."""

GLOB = re.compile(r"[*?\[\]]")


def allowed(wanted: str, places: Sequence[str]) -> str:
    """The path or address that may be opened, with links and dots resolved.

    Args:
        wanted: what a visitor typed.
        places: folders (absolute, resolved) and starts of addresses that the operator allows.

    Raises:
        ValueError: it lies in none of them; says nothing of what else is there.
    """
    wanted = wanted.strip()
    if not wanted:
        raise ValueError("Give a path or an address.")
    if "\0" in wanted or len(wanted) > 2000:
        raise ValueError("This is no path or address.")
    if "::" in wanted or re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", wanted):
        return _allowed_address(wanted, [place for place in places if "://" in place])
    return _allowed_path(wanted, [Path(place) for place in places if "://" not in place])


def forbid_redirects() -> None:
    """Let no server that is asked for data send this one on to another host."""
    from fsspec.config import conf

    for scheme in ("http", "https"):
        conf.setdefault(scheme, {})["allow_redirects"] = False


def _allowed_address(wanted: str, starts: list[str]) -> str:
    """An address below one of the starts, spelled so that no reader takes it for another one."""
    plain = re.fullmatch(r"([a-z0-9]+)://([A-Za-z0-9._-]+(?::\d+)?)/([A-Za-z0-9._~/+=-]*)", wanted)
    if plain is None or ".." in wanted:
        raise ValueError(
            "Expected a plain address such as https://data.example.org/flows/eddies.zarr: "
            "without wildcards, queries, passwords and '..'."
        )
    scheme, host, path = plain.groups()
    address = f"{scheme}://{host.lower()}/{path}"
    for start in starts:
        if address == start or address.startswith(start.rstrip("/") + "/"):
            return address
    raise ValueError(_refusal("this address", starts))


def _allowed_path(wanted: str, folders: list[Path]) -> str:
    """A path inside one of the folders, also after all links are followed."""
    if GLOB.search(wanted):
        raise ValueError("Give one file, store or folder, without wildcards.")
    given = Path(wanted).expanduser() if not wanted.startswith("~") else Path(wanted)
    # A relative path is one in the first folder that has it.
    tried = [given] if given.is_absolute() else [folder / given for folder in folders]
    for path in tried:
        real = Path(os.path.realpath(path))
        if any(real == folder or folder in real.parents for folder in folders):
            if not real.exists():
                continue
            _check_links(real, folders)
            return str(real)
    raise ValueError(_refusal("there, or nothing there", [str(folder) for folder in folders]))


def _check_links(real: Path, folders: list[Path]) -> None:
    """Refuse a folder with a link that leads out of what is allowed."""
    looked_at = 0
    for folder, inner, files in os.walk(real):
        looked_at += len(files)
        if looked_at > MOST_FILES:
            raise ValueError("This folder holds too many files to be opened here.")
        for name in (*inner, *files):
            path = Path(folder, name)
            if path.is_symlink():
                target = Path(os.path.realpath(path))
                if not any(target == own or own in target.parents for own in folders):
                    raise ValueError(f"'{real.name}' holds a link that leads out of its folder.")


def _refusal(what: str, places: list[str]) -> str:
    if not places:
        return "Nothing may be opened here by path or address: the operator has allowed no places."
    return f"Nothing may be opened at {what}; allowed is what lies in {', '.join(places)}."
