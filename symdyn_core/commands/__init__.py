"""The commands of ``symdyn``, one file for each group; each parses, calls and prints.

reporting   how results and errors are printed, and progress bars
data        data list | make | info
models      train, zoo list | build, audit
machine     app, info
"""
