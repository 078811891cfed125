"""A stand-in for ib_insync 0.9.86: the part of its interface that AbstractFinance and its operators use.

It talks to the lab's gateway (../ibgateway.py) in lines of JSON, not in the broker's protocol. What a caller sees is as in
ib_insync: a refused or unanswered handshake is a time-out, openOrders() knows this client's orders only, and disconnect()
raises disconnectedEvent.
"""

from . import util
from .contract import Contract, Forex, Future, Index, Option, Stock
from .event import Event
from .ib import IB
from .order import (
    AccountValue,
    LimitOrder,
    MarketOrder,
    Order,
    OrderStatus,
    PortfolioItem,
    Position,
    StopOrder,
    Trade,
)

__version__ = "0.9.86"
__version_info__ = (0, 9, 86)
__all__ = [
    "IB", "Contract", "Stock", "Future", "Forex", "Option", "Index", "Order", "MarketOrder", "LimitOrder", "StopOrder",
    "OrderStatus", "Trade", "Position", "PortfolioItem", "AccountValue", "Event", "util",
]
