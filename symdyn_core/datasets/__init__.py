"""Labelled flows. Contents, in reading order:

schema               what a flow is; from labels to tensors and back
validation, squares  what schema checks, how it cuts
patches              rectangles drawn on a map, and the map
store, whole_chunks  Zarr stores that are whole or not there at all, and so are their chunks
splits               to train, to validate, to test
scalars              what a flow carries beside its velocities
windows, batches     past and future frames for a network
transformed          windows acted on by a symmetry, made on the fly

One file for each source, with one ``open_...``:

rayleigh_benard      simulated convection (convection_presets: which; demo: a committed slice)
heat_diffusion       velocities that diffuse
navier_stokes        decaying turbulence and Kolmogorov's flow
quasi_geostrophic    an ocean's eddies, day by day
                     (simulation: how flows are made; periodic_boxes: labels they share;
                     simulations: all of them by name)
ocean_currents       files of measured and modelled currents; how they are read, file by file:
                     cf, units, axes, coordinates, depths, missing_values (what names, numbers and
                     axes mean), positions, layout, lines, curvilinear, arrangement (from their
                     cells to those of a flow), geostrophy,
                     sphere, ocean_files, many_files, netcdf_lock, boxes, indexing,
                     joining (many files, larger than the memory);
                     kinds (what a file is that cannot be read)
copernicus           currents of the Copernicus Marine Service (copernicus_subset: which;
                     ocean_download, pieces: brought home piece by piece; http_files: files at
                     addresses; retrying: lost connections)
the_well, pdebench,  simulations of public benchmarks (hdf5_fields, benchmark_flows,
pdearena,            benchmark_scalars: what they share)
johns_hopkins
opening              all of these by their path
catalogue            what there is: whose, how large, which symmetries hold, what is on disk
                     (catalogued: an entry; catalogue_simulated, catalogue_read: the entries;
                     catalogue_found: on disk; catalogue_page: data/README.md)
"""
