"""Recognising velocities and heights in NetCDF and Zarr files as they come.

Names and attributes follow the CF conventions (cfconventions.org) where there are any. Many files
have none, or write ``Unit`` for ``units``; the usual names serve then.
"""

import re

import xarray as xr

VELOCITY_STANDARD_NAMES: tuple[tuple[str, str], ...] = (
    ("eastward_sea_water_velocity", "northward_sea_water_velocity"),
    ("surface_eastward_sea_water_velocity", "surface_northward_sea_water_velocity"),
    (
        "surface_geostrophic_eastward_sea_water_velocity",
        "surface_geostrophic_northward_sea_water_velocity",
    ),
    ("geostrophic_eastward_sea_water_velocity", "geostrophic_northward_sea_water_velocity"),
    ("sea_water_x_velocity", "sea_water_y_velocity"),
    ("x_sea_water_velocity", "y_sea_water_velocity"),
    ("sea_water_x_velocity_at_u_location", "sea_water_y_velocity_at_v_location"),
    (
        "surface_geostrophic_eastward_sea_water_velocity_assuming_sea_level_for_geoid",
        "surface_geostrophic_northward_sea_water_velocity_assuming_sea_level_for_geoid",
    ),
    ("eastward_wind", "northward_wind"),
)
"""Pairs of CF standard names, the most complete current first."""

VELOCITY_NAMES: tuple[tuple[str, str], ...] = (
    ("uo", "vo"),
    ("uos", "vos"),
    ("u", "v"),
    ("ugos", "vgos"),
    ("water_u", "water_v"),
    ("utotal", "vtotal"),
    ("eastward_eulerian_current_velocity", "northward_eulerian_current_velocity"),
    ("eastward_current_velocity", "northward_current_velocity"),
    ("vozocrtx", "vomecrty"),
    ("uvel", "vvel"),
    ("ssu", "ssv"),
    ("u_surface", "v_surface"),
    ("ucur", "vcur"),
    ("ucurr", "vcurr"),
    ("u_vel", "v_vel"),
    ("u_velocity", "v_velocity"),
    ("u_current", "v_current"),
    ("u10", "v10"),
    ("vx", "vy"),
)
"""Pairs of usual variable names, compared without regard to case."""

HEIGHT_STANDARD_NAMES = (
    "sea_surface_height_above_geoid",
    "sea_surface_height",
    "sea_surface_height_above_sea_level",
)
HEIGHT_NAMES = ("adt", "zos", "ssh", "sea_surface_height", "sossheig", "zeta", "sla")

ALONG_THE_GRID = re.compile(r"(^|_)[xy]_(sea_water_)?velocity|\b[xij]-(direction|axis|component)")
GRID_NAMES = ("vozocrtx", "vomecrty")
"""Components of models along their own rows and columns, which are east and north only where the
grid is straight. NEMO calls them zonal and meridional all the same."""

MASK_NAMES = ("mask_rho", "tmask", "maskc", "wet_c")
WATER = re.compile(r"\b(sea|water|ocean|wet)", re.IGNORECASE)

EASTWARD = re.compile(r"\b(eastward|zonal|east)\b", re.IGNORECASE)
NORTHWARD = re.compile(r"\b(northward|meridi\w*|north)\b", re.IGNORECASE)
MOTION = re.compile(r"^(?!.*(wind|stress|tid|wave)).*(velocit|current|geostrophic)", re.IGNORECASE)
"""Motion of the water as a whole: not the wind, and not one part of the current."""


def attribute(variable: xr.DataArray, name: str) -> str:
    """An attribute as text, whatever the case or number of its name; "" if there is none."""
    for key, value in variable.attrs.items():
        if str(key).lower().rstrip("s") == name.lower().rstrip("s"):
            return str(value).strip()
    return ""


def find_velocity(
    dataset: xr.Dataset, variables: tuple[str, str] | None = None
) -> tuple[str, str] | None:
    """Names of the (eastward, northward) velocity, or None if no pair is recognised.

    Searched in this order: the caller's choice, standard names, long names, usual names.

    Raises:
        ValueError: the caller's choice is not in the file.
    """
    if variables is not None:
        missing = [name for name in variables if name not in dataset.data_vars]
        if missing or len(variables) != 2:
            raise ValueError(
                f"Expected two velocity variables of the file, got {tuple(variables)!r}. "
                f"The file holds {sorted(map(str, dataset.data_vars))}."
            )
        return variables
    return _by_standard_name(dataset) or _by_long_name(dataset) or _by_name(dataset)


def find_height(dataset: xr.Dataset) -> str | None:
    """Name of the sea surface height, or None."""
    for wanted in HEIGHT_STANDARD_NAMES:
        found = _with_standard_name(dataset, wanted)
        if found:
            return found[0]
    names = {str(name).lower(): str(name) for name in dataset.data_vars}
    return next((names[name] for name in HEIGHT_NAMES if name in names), None)


def find_component(dataset: xr.Dataset) -> tuple[int, str] | None:
    """(0 for u or 1 for v, its name) in a file that holds one of the two, or None."""
    names = {str(name).lower(): str(name) for name in dataset.data_vars}
    for pair in VELOCITY_STANDARD_NAMES:
        for component, wanted in enumerate(pair):
            found = _with_standard_name(dataset, wanted)
            if found:
                return component, found[0]
    for pair in VELOCITY_NAMES:
        for component, wanted in enumerate(pair):
            if wanted in names:
                return component, names[wanted]
    return None


def along_the_grid(variable: xr.DataArray) -> bool:
    """Whether a component lies along the rows or columns of its grid rather than east or north."""
    standard = attribute(variable, "standard_name").lower()
    if "eastward" in standard or "northward" in standard:
        return False
    described = f"{standard} {attribute(variable, 'long_name').lower()}"
    return bool(ALONG_THE_GRID.search(described)) or str(variable.name).lower() in GRID_NAMES


def to_the_east_or_north(variable: xr.DataArray) -> bool:
    """Whether a file says that a component, or what it is computed from, knows east and north."""
    described = f"{attribute(variable, 'standard_name')} {attribute(variable, 'long_name')}"
    named = str(variable.name).lower() in ("uo", "vo", "uos", "vos", "ugos", "vgos", "u10", "v10")
    return named or bool(re.search(r"eastward|northward|zonal|meridi|height", described.lower()))


def find_mask(dataset: xr.Dataset, shape: tuple[int, int], dims: tuple[str, str]) -> str | None:
    """Name of a variable that is 1 on water and 0 on land, at the centres of cells, or None."""
    for name, variable in dataset.data_vars.items():
        fits = variable.shape == shape and (variable.dims == dims or str(name) in MASK_NAMES)
        known = attribute(variable, "standard_name").lower() == "sea_binary_mask"
        named = str(name).lower() in MASK_NAMES
        described = str(name).lower() == "mask" and WATER.search(attribute(variable, "long_name"))
        if fits and (known or named or described):
            return str(name)
    return None


def _with_standard_name(dataset: xr.Dataset, wanted: str) -> list[str]:
    found = [
        str(name)
        for name, variable in dataset.data_vars.items()
        if attribute(variable, "standard_name").lower() == wanted
    ]
    # Of several (total, tidal, ...) the one with a usual name is meant.
    usual = [name for pair in VELOCITY_NAMES for name in pair]
    return sorted(found, key=lambda name: name.lower() not in usual)


def _by_standard_name(dataset: xr.Dataset) -> tuple[str, str] | None:
    for eastward, northward in VELOCITY_STANDARD_NAMES:
        u, v = _with_standard_name(dataset, eastward), _with_standard_name(dataset, northward)
        if u and v:
            return u[0], v[0]
    return None


def _by_long_name(dataset: xr.Dataset) -> tuple[str, str] | None:
    """A pair of long names that speak of motion east and north, if there is exactly one."""

    def named(direction: re.Pattern) -> list[str]:
        return [
            str(name)
            for name, variable in dataset.data_vars.items()
            if direction.search(attribute(variable, "long_name"))
            and MOTION.search(attribute(variable, "long_name"))
        ]

    u, v = named(EASTWARD), named(NORTHWARD)
    return (u[0], v[0]) if len(u) == len(v) == 1 else None


def _by_name(dataset: xr.Dataset) -> tuple[str, str] | None:
    names = {str(name).lower(): str(name) for name in dataset.data_vars}
    for u, v in VELOCITY_NAMES:
        if u in names and v in names:
            return names[u], names[v]
    return None
