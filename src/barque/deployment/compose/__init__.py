"""The laptop: its Compose files and Dockerfiles, read, judged, and run."""
