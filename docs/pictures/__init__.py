"""The pictures of the guides: small markets, lived through by the engine itself, and drawn.

`python -m docs.pictures` writes them all anew under `docs/guides/pictures`. What a picture says is
read from the records of its run; a test makes every picture again and compares.
"""
