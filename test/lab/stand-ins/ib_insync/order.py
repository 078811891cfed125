"""Orders, and what the account holds."""

from dataclasses import dataclass, field
from typing import NamedTuple

from .contract import Contract

DONE = {"Filled", "Cancelled", "ApiCancelled"}
ACTIVE = {"PendingSubmit", "ApiPending", "PreSubmitted", "Submitted"}


@dataclass
class Order:
    orderId: int = 0
    clientId: int = 0
    permId: int = 0
    action: str = ""
    totalQuantity: float = 0.0
    orderType: str = ""
    lmtPrice: float = 0.0
    auxPrice: float = 0.0
    tif: str = ""
    account: str = ""
    orderRef: str = ""


class MarketOrder(Order):
    def __init__(self, action, totalQuantity, **more):
        super().__init__(orderType="MKT", action=action, totalQuantity=totalQuantity, **more)


class LimitOrder(Order):
    def __init__(self, action, totalQuantity, lmtPrice, **more):
        super().__init__(orderType="LMT", action=action, totalQuantity=totalQuantity, lmtPrice=lmtPrice, **more)


class StopOrder(Order):
    def __init__(self, action, totalQuantity, stopPrice, **more):
        super().__init__(orderType="STP", action=action, totalQuantity=totalQuantity, auxPrice=stopPrice, **more)


@dataclass
class OrderStatus:
    orderId: int = 0
    status: str = ""
    filled: float = 0.0
    remaining: float = 0.0
    avgFillPrice: float = 0.0
    permId: int = 0
    clientId: int = 0


@dataclass
class Trade:
    contract: Contract = field(default_factory=Contract)
    order: Order = field(default_factory=Order)
    orderStatus: OrderStatus = field(default_factory=OrderStatus)
    fills: list = field(default_factory=list)
    log: list = field(default_factory=list)

    def isDone(self):
        return self.orderStatus.status in DONE

    def isActive(self):
        return self.orderStatus.status in ACTIVE

    def filled(self):
        return self.orderStatus.filled

    def remaining(self):
        return self.order.totalQuantity - self.filled()


class AccountValue(NamedTuple):
    account: str
    tag: str
    value: str
    currency: str
    modelCode: str = ""


class Position(NamedTuple):
    account: str
    contract: Contract
    position: float
    avgCost: float


class PortfolioItem(NamedTuple):
    contract: Contract
    position: float
    marketPrice: float
    marketValue: float
    averageCost: float
    unrealizedPNL: float
    realizedPNL: float
    account: str
