"""Market data as the engine takes it: events of many sources in one total order."""
