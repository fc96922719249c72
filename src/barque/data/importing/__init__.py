"""Somebody's files into the catalog: what they say, in whichever shape they say it."""
