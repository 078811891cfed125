"""How much of an instrument to hold."""


def quantity(instrument, nav):
    return max(1, int(nav * instrument["weight"] // 25_000))
