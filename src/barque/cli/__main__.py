"""Lets `python -m barque.cli` be `barque`."""

from barque.cli.main import main

main()
