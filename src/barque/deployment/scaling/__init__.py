"""The scaling policy at work: the autoscaler's algorithm, simulated, drawn and rendered."""
