-- The schema of AbstractFinance. Run once, on an empty volume.
CREATE TABLE IF NOT EXISTS portfolio_snapshots (
    id serial PRIMARY KEY,
    timestamp timestamptz DEFAULT now(),
    nav numeric(18, 2),
    cash numeric(18, 2),
    gross_exposure numeric(18, 2),
    net_exposure numeric(18, 2),
    daily_pnl numeric(18, 2)
);
CREATE TABLE IF NOT EXISTS positions (
    id serial PRIMARY KEY,
    timestamp timestamptz DEFAULT now(),
    instrument_id varchar(50),
    quantity numeric(18, 6),
    avg_cost numeric(18, 6),
    market_value numeric(18, 2),
    sleeve varchar(50),
    UNIQUE (timestamp, instrument_id)
);
CREATE TABLE IF NOT EXISTS orders (
    id serial PRIMARY KEY,
    order_id varchar(100) UNIQUE,
    timestamp timestamptz DEFAULT now(),
    instrument_id varchar(50),
    side varchar(10),
    quantity numeric(18, 6),
    order_type varchar(20),
    limit_price numeric(18, 6),
    status varchar(20)
);
CREATE TABLE IF NOT EXISTS risk_decisions (
    id serial PRIMARY KEY,
    timestamp timestamptz DEFAULT now(),
    scaling_factor numeric(8, 4),
    realized_vol numeric(8, 4),
    regime varchar(20)
);
CREATE TABLE IF NOT EXISTS hedge_positions (
    id serial PRIMARY KEY,
    hedge_id varchar(100) UNIQUE,
    timestamp timestamptz DEFAULT now(),
    instrument_id varchar(50),
    quantity integer,
    expiry date,
    is_active boolean DEFAULT true
);
CREATE TABLE IF NOT EXISTS daily_returns (
    id serial PRIMARY KEY,
    date date UNIQUE,
    daily_return numeric(10, 8),
    nav numeric(18, 2)
);
CREATE TABLE IF NOT EXISTS alerts (
    id serial PRIMARY KEY,
    timestamp timestamptz DEFAULT now(),
    alert_type varchar(50),
    severity varchar(20),
    message text
);
CREATE INDEX IF NOT EXISTS idx_portfolio_snapshots_timestamp ON portfolio_snapshots (timestamp);
CREATE INDEX IF NOT EXISTS idx_positions_timestamp ON positions (timestamp);
CREATE INDEX IF NOT EXISTS idx_positions_instrument ON positions (instrument_id);
CREATE INDEX IF NOT EXISTS idx_orders_timestamp ON orders (timestamp);
CREATE INDEX IF NOT EXISTS idx_orders_status ON orders (status);
CREATE INDEX IF NOT EXISTS idx_risk_decisions_timestamp ON risk_decisions (timestamp);
CREATE INDEX IF NOT EXISTS idx_daily_returns_date ON daily_returns (date);
CREATE INDEX IF NOT EXISTS idx_alerts_timestamp ON alerts (timestamp);
CREATE INDEX IF NOT EXISTS idx_alerts_severity ON alerts (severity);
