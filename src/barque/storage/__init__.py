"""What is kept: the market log, the account journals, and the tables derived from them."""
