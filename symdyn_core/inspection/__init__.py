"""What a file of flow holds. Contents, in reading order:

times       first, last, step, gaps, repetitions, calendar
specimen    whatever a path holds, opened to be looked at
samples     a few frames: spectrum, divergence, vorticity, histograms
slopes      the slope of a spectrum, with its uncertainty
readable    a report in words and rounded numbers
sections    parts of a report
report      all of it, with statistics and errors of persistence in one pass
"""
