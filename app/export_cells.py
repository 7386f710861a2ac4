"""The cells of an exported notebook that are the same for every view, or filled in."""

IMPORTS = """\
import matplotlib.pyplot as plt
import numpy as np
import torch

from symdyn_core import metrics, operators, spectra
from symdyn_core.datasets import schema
from symdyn_core.datasets.opening import open_any
from symdyn_core.datasets.squares import in_squares
from symdyn_core.datasets.windows import Windows
from symdyn_core.equivariance.chain import Chain, Link
from symdyn_core.equivariance.spectral_patch import spectral_patch
from symdyn_core.models.ahead import frames_needed, leads_ahead
from symdyn_core.models.opening import open_forecaster
from symdyn_core.paths import data_directory
from symdyn_core.symmetries import named"""

MOVE = """\
pace = chain.pace
recorded = max(frames_needed(model, pace.recorded) for model in models.values())
moved = max(frames_needed(model, pace.moved) for model in models.values())
back, future = pace.history(recorded, moved), pace.future(leads)

history = w[now + 1 - back : now + 1]
future = w[now + 1 : now + 1 + future][pace.recorded - 1 :: pace.recorded]
window, known = chain.window(history, moved, grid)
frames = [chain.frame(history, future, lead, grid) for lead in range(1, leads + 1)]
truth = torch.stack([frame for frame, _ in frames])
seen = torch.stack([valid for _, valid in frames])
new_grid = chain.act_on_grid(grid)"""

FORECAST = """\
forecasts, expected = {}, {}
with torch.no_grad():
    for name, model in models.items():
        past = frames_needed(model, pace.moved)
        forecasts[name] = leads_ahead(model, window[None, -past:], leads, pace.moved)[0]
        past = frames_needed(model, pace.recorded)
        upright = leads_ahead(model, history[None, -past:], leads, pace.recorded)[0]
        expected[name] = [
            chain.frame(history, upright, lead, grid) for lead in range(1, leads + 1)
        ]"""

NUMBERS = """\
patch = spectral_patch(seen[0], new_grid, land=grid.water is not None)
rmse, broken, ese = {}, {}, {}
for name, forecast in forecasts.items():
    rmse[name] = metrics.rmse_by_lead(forecast[None], truth[None], seen[None, :, None]).tolist()
    broken[name] = []
    for f, (target, valid) in zip(forecast, expected[name], strict=True):
        region = chain.compared(models[name], known & valid, grid)
        gap, size = (f - target)[..., region].double(), target[..., region].double()
        broken[name].append(float(gap.norm() / size.norm()))
    if patch is not None:
        first = torch.stack((forecast[0], truth[0]))
        lines = spectra.energy_spectrum(patch.cut(first), patch.grid, patch.mask)
        ese[name] = spectra.ese_per_sample(lines[:1], lines[1:])
rmse, broken, ese"""

CHECK = """\
np.testing.assert_allclose(rmse["a"], {rmse_a}, rtol=1e-3)
np.testing.assert_allclose(rmse["b"], {rmse_b}, rtol=1e-3)
# Errors of rounding alone are as large as they happen to be.
np.testing.assert_allclose(broken["a"], {broken_a}, rtol=1e-2, atol=1e-4)
np.testing.assert_allclose(broken["b"], {broken_b}, rtol=1e-2, atol=1e-4)"""

FIELDS = {
    "speed": "flow.square().sum(0).sqrt()",
    "u": "flow[0]",
    "v": "flow[1]",
    "vorticity": "operators.vorticity(flow, place)",
    "divergence": "operators.divergence(flow, place)",
}

DRAW = """\
lead = {lead}
place = new_grid
if new_grid.water is not None:  # a spectral derivative would carry an edge over the whole line
    place = new_grid.with_(periodic_y=False, periodic_x=False)
flows = {{"input": window[-1], "truth": truth[lead - 1]}}
flows |= {{name.upper(): forecast[lead - 1] for name, forecast in forecasts.items()}}
for name in "AB":
    flows[f"error of {{name}}"] = flows[name] - flows["truth"]

figure, axes = plt.subplots(2, 3, figsize=(11, 7), layout="constrained")
order = ("input", "A", "B", "truth", "error of A", "error of B")
for one, title in zip(axes.flat, order, strict=True):
    flow = flows[title]
    field = {expression}
    field = np.ma.masked_where(~(known & seen[lead - 1]).numpy(), field.numpy())
    one.imshow(field, origin="lower", cmap="{colours}")
    one.set_title(title)
    one.set_axis_off()
figure.suptitle({heading!r})
plt.show()"""

SPECTRUM = """\
if patch is not None:
    rings = patch.rings
    k = spectra.wavenumbers(patch.grid)[rings]
    flows = torch.stack([truth[lead - 1], *(f[lead - 1] for f in forecasts.values())])
    lines = spectra.energy_spectrum(patch.cut(flows), patch.grid, patch.mask)[:, rings]
    for line, label in zip(lines, ("truth", "A", "B"), strict=True):
        plt.loglog(k, line, label=label, linewidth=4 if label == "truth" else 2)
    plt.xlabel("wavenumber")
    plt.ylabel("kinetic energy E(k)")
    plt.legend()
    plt.show()"""
