"""The parts of the page, each a Viewer of the state; they meet only there.

controls    what can be chosen
story       what is compared, what to look at, and the numbers
curves      errors against lead and energy spectra
missing     the page of a clone without trained models
"""
