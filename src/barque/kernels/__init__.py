"""Compiled arithmetic: numbers in, numbers out. A scalar step, then the loop that calls it."""
