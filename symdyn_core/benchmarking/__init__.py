"""What a symmetry costs: time, memory, building; beside plain networks and other libraries.

timing          two pieces of work in alternation: ratios with their spread
memory          bytes at the peak of a training step
arithmetic      operations of a step, and the rate that the machine reaches
conditions      device, precision, layout, threads; what is timed in each mode
rows            rows of a report, and the targets
running         measurements chosen by name
kits            what is measured, and the plain one of equal expanded width
comparing       a module beside its baseline in all modes
layers, models  the two benchmarks
peers           layers of e2cnn and escnn
peer_layers     ours beside theirs
off_lattice     turns between the quarter turns, ours and theirs
agreement       our kernels in the space that another library spans
reports         a benchmark as one object, with hardware and versions
"""
