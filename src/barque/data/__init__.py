"""Where bars come from: the Parquet catalog, importers, calendars and the stream of events."""
