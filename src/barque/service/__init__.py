"""Lets people in: HTTP, WebSocket and the page. It reads what is kept and can never trade."""

from barque.service.app import create_app
from barque.service.market import FeedPhase, FeedState, Market
from barque.service.server import Server, serve

__all__ = ["FeedPhase", "FeedState", "Market", "Server", "create_app", "serve"]
