"""The parts of the page, each a Viewer of the state; they meet only there.

controls    what can be chosen
sentence    what is compared, who follows, and what to look at
story       the sentence and the numbers
curves      errors against lead and energy spectra
missing     the page of a clone without trained models
"""
