"""Symmetry in deep models of fluid flow.

In reading order, which is also the order of imports: each may use those above it.

    paths           where data, trained models and runs live
    whole_files     files that are whole or not there
    freed_memory    memory that goes back to the system
    progress        a bar with rate and remaining time
    grid            the axes of a flow: spacing, time step, periodicity, water mask
    operators       derivatives, divergence, vorticity
    resampling      a field shifted, turned or rescaled
    point_sampling  fields at scattered points, prepared once
    rings           which wavenumbers belong together
    layers          kits of building blocks, one for each symmetry
    symmetries      the groups: how an element acts on a field and on its grid
    solvers         equations of motion, stepped in time
    models          forecasters: architectures over a kit, rollout, baselines, the trained zoo
    datasets        labelled flows: schema, stores, windows, splits; one file for each source
    untrusted       files of strangers, read apart and under limits
    spectra         energy by wavenumber
    inspection      what a file of flow holds, in numbers
    metrics         errors of a forecast
    scored_region   where a transformed flow may be compared
    equivariance    how far a forecaster is from commuting with a symmetry
    training        the loop: one record for each epoch, resumable
    experiments     budgets and runs: a comparison from data to trained models
    benchmarking    what a symmetry costs: time, memory, building
    plots           pictures of labelled results
    serving         what the operator of the dashboard offers and allows
    commands        what the command line says and prints
    cli             the command ``symdyn``

Importing the package loads none of them: write ``from symdyn_core import grid``.
"""

__version__ = "0.1.0"
