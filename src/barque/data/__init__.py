"""Where market data come from: files and venues into the Parquet catalog, and out as events.

importing, download    in: somebody's files, a venue's answers
catalog, files, parquet    what is kept, and how
doors    what every number passes on its way to the engine
events    out: the events of a run in their order
views, health    what was known on a day; what is wrong with a file
kinds, sessions    the words of all of them: kinds of data, when markets are open
"""
