"""The dashboard: ``panel serve app/``.

main            assembles the page
page            one session: state, engine, panels
state           AppState, the one description of what is shown; address its copy in the URL
flows           the flows that can be chosen, opened and cut into squares
catalogue       the symmetries and models that can be chosen, and what to call them
compute         one comparison of two models under one transformation, from symdyn_core alone
cache           a store of results with bounded memory, shared by all sessions
engine          latest wins: computes what is asked for last, forecasts step by step
pictures        a comparison as packets of numbers for the field view
field_view      the canvas component that draws them
panels          one Viewer for each part of the page
"""
