"""The page of data: patches are those of the library, and the flow asked for last is shown."""

import asyncio
from types import SimpleNamespace

import numpy as np
import pytest

from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.patches import Patch, cut_patch
from tests.untrusted import hostile_files as hostile

pytest_plugins = ("dashboard_fixtures",)


@pytest.fixture
def currents(tmp_path):
    """Currents with a coast."""
    flow = hostile.sound()
    for name in ("uo", "vo"):
        flow[name][:, :3, :5] = np.nan
    return str(hostile.netcdf(tmp_path / "currents.nc", flow))


def test_a_patch_with_a_coast_is_kept_as_the_library_cuts_it(data, currents, tmp_path):
    from app import intake
    from app.flows import Source

    patch = Patch(0, 0, 16, 8, 2, 11)
    intake.cut_out(Source("currents", currents), patch, tmp_path / "patch.zarr")
    kept, wanted = open_any(str(tmp_path / "patch.zarr")), cut_patch(open_any(currents), patch)
    assert dict(kept.sizes) == dict(wanted.sizes) == {"time": 10, "y": 8, "x": 16}
    assert kept["water"].dtype == bool and not kept["water"].values.all()
    np.testing.assert_array_equal(kept["water"], wanted["water"])
    for name in ("u", "v"):
        assert kept[name].dtype == np.float32
        np.testing.assert_allclose(kept[name], wanted[name], rtol=1e-6)


# Of two libraries of widgets, one of which calls the other in its old ways.
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_the_flow_asked_for_last_is_shown_whichever_is_read_first(state, monkeypatch):
    from app import intake
    from app.flows import Source
    from app.panels.data import Data, PatchCard

    complaints = []
    session = SimpleNamespace(state=state, complain=complaints.append, watched=lambda: True)
    monkeypatch.setattr(PatchCard, "look_at", lambda self, subject: None)
    slow, quick = Source("slow", "slow.nc"), Source("quick", "quick.nc")
    seen = SimpleNamespace(cells=(8, 8), members=1, frames=9, times=("a", "b"), nbytes=1)

    async def story(fails: bool):
        release = asyncio.Event()

        async def apart(_function, source):
            if source is slow:
                await release.wait()
                if fails:
                    raise ValueError("the slow one cannot be read")
            return SimpleNamespace(source=source, seen=seen, kin=None, large=False)

        monkeypatch.setattr(intake, "apart", apart)
        page = Data(session, Data.Settings())
        page.follow = lambda *works: [work.close() for work in works]
        first = asyncio.ensure_future(page._look(slow))
        await asyncio.sleep(0)
        await page._look(quick)
        release.set()
        await first
        assert page.subject.source is quick and "quick" in page.words.object
        assert complaints == [], "nobody waits for it any longer"
        await page._look(slow) if not fails else None
        assert page.subject.source is (quick if fails else slow), "the control: alone it is shown"

    asyncio.run(story(fails=False))
    asyncio.run(story(fails=True))
