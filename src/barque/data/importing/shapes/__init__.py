"""The shapes in which other programs write bars, one file each, and how they are told apart.

A shape claims a file by what only it looks like, and knows what its program never writes down:
whether a stamp is the open or the close, in which time zone, and how prices are scaled.
"""
