"""Bars from a venue into the catalog: asked for in pages, kept as they come, never asked twice."""
