"""Symmetry in deep models of fluid flow. Contents, in reading order (each imports upwards only):

    grid            the axes of a flow: spacing, time step, periodicity, water mask
    paths           where data, trained models and runs live
    operators       derivatives, divergence, vorticity; shift, rotate and rescale a field
    layers          kits of building blocks, one for each symmetry
    symmetries      the groups: how an element acts on a field and on its grid
    solvers         the equations of motion, stepped in time
    models          forecasters: architectures over a kit, rollout, baselines, trained zoo
    datasets        labelled flows: schema, stores, windows, splits, one file for each source
    spectra         energy by wavenumber
    metrics         errors of a forecast
    equivariance    how far a forecaster is from commuting with a symmetry
    training        the loop: one record for each epoch, resumable
    plots           pictures of labelled results
    cli             the command ``symdyn``

Importing the package loads none of them: ``from symdyn_core import grid`` and so on.
"""

__version__ = "0.1.0"
