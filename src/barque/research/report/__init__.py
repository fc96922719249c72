"""A backtest as one page that needs nothing else: no network, no other file."""

from barque.research.report.page import Section, report

__all__ = ["Section", "report"]
