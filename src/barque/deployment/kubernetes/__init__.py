"""What is declared to Kubernetes: rendered, read and compared with the design."""
