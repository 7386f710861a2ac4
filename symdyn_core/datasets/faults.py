"""Whatever goes wrong with a file, in one line that names it and says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from symdyn_core.datasets.store import first_line


@contextmanager
def reported_as(name: str, expected: str = "NetCDF file or Zarr store") -> Iterator[None]:
    """Turn every error into one line about the file ``name``.

    Raises:
        ValueError: the file, what is wrong with it, what to do.
    """
    try:
        yield
    except ValueError as error:
        if "did not find a match in any of xarray" in str(error):
            raise _unreadable(name, expected, "another kind of file") from None
        if "Protocol not known" in str(error):
            raise _unreadable(name, expected, first_line(error)) from None
        raise ValueError(f"'{name}': {' '.join(str(error).split())}") from None
    except ImportError as error:
        raise ValueError(
            f"Cannot read '{name}': {first_line(error)}. Install the package that reads this "
            "kind of address or file."
        ) from None
    except Exception as error:
        # The readers raise a dozen kinds of errors for damaged bytes; a person needs one.
        found = f"{type(error).__name__}: {first_line(error)}"
        raise _unreadable(name, expected, found) from None


def _unreadable(name: str, expected: str, found: str) -> ValueError:
    return ValueError(
        f"Cannot read '{name}': expected a complete {expected}, got {found}. "
        "Copy or download it again."
    )
