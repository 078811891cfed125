"""Contracts."""

from dataclasses import dataclass


@dataclass
class Contract:
    secType: str = ""
    conId: int = 0
    symbol: str = ""
    lastTradeDateOrContractMonth: str = ""
    strike: float = 0.0
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primaryExchange: str = ""
    currency: str = ""
    localSymbol: str = ""


class Stock(Contract):
    def __init__(self, symbol="", exchange="", currency="", **more):
        super().__init__(secType="STK", symbol=symbol, exchange=exchange, currency=currency, **more)


class Future(Contract):
    def __init__(self, symbol="", lastTradeDateOrContractMonth="", exchange="", localSymbol="", multiplier="", currency="", **more):
        super().__init__(
            secType="FUT", symbol=symbol, lastTradeDateOrContractMonth=lastTradeDateOrContractMonth, exchange=exchange,
            localSymbol=localSymbol, multiplier=multiplier, currency=currency, **more,
        )


class Option(Contract):
    def __init__(self, symbol="", lastTradeDateOrContractMonth="", strike=0.0, right="", exchange="", multiplier="", currency="", **more):
        super().__init__(
            secType="OPT", symbol=symbol, lastTradeDateOrContractMonth=lastTradeDateOrContractMonth, strike=strike,
            right=right, exchange=exchange, multiplier=multiplier, currency=currency, **more,
        )


class Forex(Contract):
    def __init__(self, pair="", exchange="IDEALPRO", symbol="", currency="", **more):
        super().__init__(secType="CASH", symbol=symbol or pair[:3], exchange=exchange, currency=currency or pair[3:], **more)


class Index(Contract):
    def __init__(self, symbol="", exchange="", currency="", **more):
        super().__init__(secType="IND", symbol=symbol, exchange=exchange, currency=currency, **more)
