"""How much of an instrument to hold."""


def quantity(instrument, nav, max_notional):
    return max(1, int(min(nav * instrument["weight"], max_notional) // 25_000))
