"""`barque deploy`: design, render, check, price, simulate and run the deployment."""
