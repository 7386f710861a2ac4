"""Files of strangers: read apart, under limits, and only as numbers.

limits     how much a file may claim, and how long and how much memory its reader may take
kinds      what a file is by its first bytes, whatever its name
archives   ZIP files that unpack to what they say, inside one folder
stores     Zarr stores whose chunks only numbers can be read from
links      HDF5 files that point at nothing outside themselves
intake     one file becomes a small flow store; runs in a process of its own
guard      starts that process and stops it
places     which paths and addresses may be opened at all
"""
