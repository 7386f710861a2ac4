"""Labelled flows. Contents, in reading order:

schema               what a flow is; from labels to tensors and back
validation, squares  what schema checks, how it cuts
store                Zarr stores that are whole or not there at all
splits               to train, to validate, to test
windows, batches     past and future frames for a network
transformed          windows acted on by a symmetry, made on the fly

One file for each source, with one ``open_...``:

rayleigh_benard      simulated convection (convection_presets: which; demo: a committed slice)
ocean_currents       files of measured and modelled currents (cf, units, positions, joining,
                     ocean_files, geostrophy, sphere: how they are read)
"""
