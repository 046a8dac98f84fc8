"""The benchmark: `python -m bench`, or `just bench`.

corpus       the files that are loaded
measure      one process, measured; several of them in turns
statistics   medians, spreads, ratios and their intervals
experiments  what is compared with what, as data
machine      what it ran on
report       the results as text
picture      the results as a picture
standardize  one stage by itself: `python -m bench.standardize`
"""
