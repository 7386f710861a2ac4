"""The dashboard: ``panel serve app/``.

main            assembles the page
page            one session: state, engine, panels
state           AppState, the one description of what is shown; address its copy in the URL
flows           the flows that can be chosen, opened and cut into squares
catalogue       the models that can be chosen, what to call them, what they respect
elements        the transformations that can be chosen, and what to call them
rescaling       time in a rescaled flow, in whole steps or not
scene           a window of a flow and its truth, moved by one element
rollouts        forecasts of one model, lead by lead
compute         two models on one scene, from symdyn_core alone
scoring, scales equivariance errors and energy spectra of forecasts already made
results         all numbers of a comparison, read as the forecasts arrive
cache           a store of results with bounded memory, shared by all sessions
engine          latest wins: computes what is asked for last, forecasts step by step
fields, colours what of a velocity field is drawn, and in which colours
pictures        a comparison as packets of numbers for the field view
exports         files of a view: a queue with limits; export_view the view as a dataset,
                export_notebook the notebook that makes it again, export_box hands files over
wording         numbers and units as people read them
field_view      the canvas component that draws them
panels          one Viewer for each part of the page
"""
