"""The doors that market data pass: numbers become units, and what is not sane stops the run."""
