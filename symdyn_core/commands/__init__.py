"""The commands of ``symdyn``, one file for each group; each parses, calls and prints.

reporting, audit_output, bench_output, flow_options    what several commands share
data        data list | make | info
download    data download
models      train
zoo         zoo list | build | currents
audit       audit
bench       bench layers | models
app         app (serve_options: its options)
machine     info
"""
