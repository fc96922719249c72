"""Lets people in: HTTP, WebSocket and the page. It reads what is kept and can never trade."""

from barque.service.app import create_app
from barque.service.health import create_health_app
from barque.service.leave import Leave
from barque.service.market import FeedPhase, FeedState, Market
from barque.service.server import Server, serve

__all__ = [
    "FeedPhase",
    "FeedState",
    "Leave",
    "Market",
    "Server",
    "create_app",
    "create_health_app",
    "serve",
]
