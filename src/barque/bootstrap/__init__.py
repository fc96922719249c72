"""The only place where a concrete thing is chosen: which store, which feed, which strategy."""
