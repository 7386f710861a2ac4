"""Data of others that can be read: what they are, whose, how large, and what holds in them."""

from symdyn_core.datasets.catalogued import DataSet, Kept, Size
from symdyn_core.datasets.copernicus_subset import LICENCE, PRESETS, SURFACE_CURRENTS, OceanSubset

CELLS_PER_DEGREE = 12
"""Of the global analyses and reanalyses of Copernicus Marine."""

OCEAN = (
    Kept("translation", "approximately", "away from coasts; bathymetry, β and wind vary"),
    Kept("rotation", "approximately", "β, coasts and wind single out directions; dx ≠ dy in cells"),
    Kept("magnitude", "approximately", "geostrophic balance is linear; advection of eddies is not"),
    Kept("uniform_motion", "approximately", "as far as a mean current only adds to the eddies"),
    Kept("scaling", "approximately", "within the inertial range; the deformation radius is fixed"),
    Kept(
        *("reflection", "approximately"),
        "north and south exchanged, as far as cyclones and anticyclones are alike",
    ),
    Kept("boost", "no", "the Earth rotates: a current needs a slope of the sea surface"),
)
"""Of measured and modelled surface currents."""

PLANE_CUT = "a plane of a flow in three dimensions does not follow from itself"


def read_from_others() -> list[DataSet]:
    """An entry for every source that is read, not made."""
    return [_copernicus(), GLOBCURRENT, CF_ARCHIVES, THE_WELL, PDEBENCH, PDEARENA, JOHNS_HOPKINS]


def _copernicus() -> DataSet:
    products = dict.fromkeys(product for product, _, _ in SURFACE_CURRENTS.values())
    addresses = dict.fromkeys(doi for _, _, doi in SURFACE_CURRENTS.values())
    return DataSet(
        name="copernicus",
        what="daily surface currents of ocean models at 1/12 degree; the paper's four regions",
        source=f"Copernicus Marine Service: {', '.join(products)}",
        citation=" and ".join(addresses),
        licence=LICENCE,
        units="m, s, m s-1",
        how=(
            f"symdyn data download {'|'.join(PRESETS)}; "
            "symdyn data download copernicus --region 15,-45,35,-25 --period 2016-01,2016-12"
        ),
        symmetries=OCEAN,
        sizes=tuple(_region_size(name, subset) for name, subset in PRESETS.items()),
    )


def _region_size(name: str, subset: OceanSubset) -> Size:
    west, south, east, north = subset.region
    first, last = subset.bounds
    return Size(
        preset=name,
        members=1,
        frames=(last - first).days + 1,
        ny=round((north - south) * CELLS_PER_DEGREE) + 1,
        nx=round((east - west) % 360 * CELLS_PER_DEGREE) + 1,
    )


GLOBCURRENT = DataSet(
    name="globcurrent",
    what="surface currents from satellite altimetry and wind, daily, 1/4 or 1/10 degree",
    source="GlobCurrent, European Space Agency and Ifremer",
    citation="Rio, Mulet & Picot (2014), Geophys. Res. Lett. 41, doi:10.1002/2014GL061773",
    licence="open, by ESA's Data User Element; cite the source",
    units="m, s, m s-1",
    how="give the path of your files: symdyn data info 'globcurrent/*.nc'",
    symmetries=OCEAN,
    size="20 MB for a year of 10 x 20 degrees at 1/4 degree",
)

CF_ARCHIVES = DataSet(
    name="ocean_currents",
    what="currents or sea surface heights in NetCDF or Zarr after the CF conventions",
    source="files of yours: DUACS, HYCOM, NEMO, ROMS, HF radar ... (on disk or at s3://, https://)",
    citation="that of the files",
    licence="that of the files",
    units="m, s, m s-1",
    how="give the path or the address: symdyn data info PATH; symdyn data download ADDRESS",
    symmetries=OCEAN,
    size="any: archives larger than the memory are read a block at a time",
)

THE_WELL = DataSet(
    name="the_well",
    what="rayleigh_benard and shear_flow: 200 frames of 512 x 128 and 128 x 256 cells, HDF5",
    source="The Well, Polymathic AI: https://github.com/PolymathicAI/the_well",
    citation="Ohana et al. (2024), NeurIPS Datasets and Benchmarks, arXiv:2412.00568",
    licence="CC BY 4.0",
    units="of the simulation",
    how="download with the client the_well, then symdyn data info PATH",
    symmetries=(
        Kept("translation", "exactly", "shear_flow: all; rayleigh_benard: along x"),
        Kept("reflection", "exactly", "rayleigh_benard: left and right exchanged"),
        Kept("boost", "exactly", "shear_flow: all"),
        Kept("rotation", "exactly", "shear_flow: half turns, its box is oblong"),
        Kept("magnitude", "no", "viscosity is fixed"),
        Kept("uniform_motion", "no", "patterns are carried along"),
        Kept("scaling", "no", "the box and its Rayleigh or Reynolds number are fixed"),
    ),
    size="358 GB (rayleigh_benard), 115 GB (shear_flow); one file is enough to begin with",
)

PDEBENCH = DataSet(
    name="pdebench",
    what="two-dimensional compressible and forced incompressible Navier-Stokes flow, HDF5",
    source="PDEBench: https://github.com/pdebench/PDEBench, data at DaRUS doi:10.18419/darus-2986",
    citation="Takamoto et al. (2022), NeurIPS Datasets and Benchmarks, arXiv:2210.07182",
    licence="CC BY 4.0",
    units="of the simulation",
    how="download with its scripts, then symdyn data info PATH",
    symmetries=(
        Kept("translation", "exactly", "compressible, periodic; not with walls or a given force"),
        Kept("rotation", "exactly", "compressible, periodic: quarter turns"),
        Kept("reflection", "exactly", "compressible, periodic: mirrors of the square"),
        Kept("boost", "exactly", "compressible, periodic"),
        Kept("magnitude", "no", "the Mach and Reynolds numbers are fixed"),
        Kept("uniform_motion", "no", "patterns are carried along"),
        Kept("scaling", "no", "pressure and density would change with it"),
    ),
    size="551 GB (2d_cfd); 10 GB for one file of ns_incom",
)

PDEARENA = DataSet(
    name="pdearena",
    what="NavierStokes-2D: smoke that rises in a closed box of 128 x 128 cells, HDF5",
    source="PDEArena, Microsoft: https://huggingface.co/datasets/pdearena/NavierStokes-2D",
    citation="Gupta & Brandstetter (2022), TMLR, arXiv:2209.15616",
    licence="MIT",
    units="of the simulation",
    how="download from Hugging Face, then symdyn data info PATH",
    symmetries=(
        Kept("reflection", "exactly", "left and right exchanged"),
        Kept("translation", "no", "closed walls"),
        Kept("rotation", "no", "buoyancy singles out a direction"),
        Kept("uniform_motion", "no", "closed walls"),
        Kept("boost", "no", "closed walls"),
        Kept("magnitude", "no", "buoyancy sets the speed"),
        Kept("scaling", "no", "the box and its buoyancy are fixed"),
    ),
    size="one file holds 32 runs of 14 frames",
)

JOHNS_HOPKINS = DataSet(
    name="johns_hopkins",
    what="planes of turbulence in three dimensions, such as isotropic1024coarse, HDF5",
    source="Johns Hopkins Turbulence Databases: https://turbulence.idies.jhu.edu",
    citation="Li et al. (2008), J. Turbulence 9, N31, doi:10.1080/14685240802376389",
    licence="that of the site: cite the database and the paper of the data set",
    units="of the simulation",
    how="cut out with its web service, then symdyn data info FILE --depth HEIGHT",
    symmetries=(
        Kept("translation", "approximately", f"in the statistics; {PLANE_CUT}"),
        Kept("rotation", "approximately", f"in the statistics; {PLANE_CUT}"),
        Kept("reflection", "approximately", f"in the statistics; {PLANE_CUT}"),
        Kept("uniform_motion", "no", PLANE_CUT),
        Kept("boost", "no", PLANE_CUT),
        Kept("magnitude", "no", "the force sets the speed"),
        Kept("scaling", "approximately", "within the inertial range"),
    ),
    size="as much as is cut out",
)
