"""What an order costs in vectorbt's test: a part of its value, and a fixed amount."""


def part_and_fixed(price, quantity, notional, is_maker):
    return 0.01 * notional + 1.0
