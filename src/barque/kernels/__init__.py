"""Compiled arithmetic: numbers in, numbers out. A scalar step first, then the loop that calls it."""
