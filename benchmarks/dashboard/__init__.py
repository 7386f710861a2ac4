"""The dashboard under load: a server, visitors without a browser, and a page in a real browser.

serving    a server of the dashboard in a process of its own, and its memory
wire       messages of a Bokeh server, spoken over a WebSocket
visitors   sessions that open the page and move a slider
crowds     many of them at once
screen     what the page in a browser shows, timed inside the browser
slow       a model that takes its time
figures    medians, percentiles, and whether the targets are met
"""
