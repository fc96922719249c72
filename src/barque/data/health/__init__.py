"""What is wrong, missing or strange in a file of market data, before anybody trades on it."""
