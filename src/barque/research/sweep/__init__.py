"""Sweeps: one strategy asked many times, each time with other parameters.

`space` says which points there are, `measuring` runs one, `ranking` puts them in order, `luck` says
what the best of many is worth, `picture` shows the whole.
"""
