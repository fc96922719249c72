"""The door for the terms of a run: a file, options that override it, and what was kept."""

from barque.bootstrap.terms.kept import own_files, terms_of_spec, words_of_spec
from barque.bootstrap.terms.reading import asked_terms, terms_of

__all__ = ["asked_terms", "own_files", "terms_of", "terms_of_spec", "words_of_spec"]
