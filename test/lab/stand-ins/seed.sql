-- Rows for the database of a deployment that has traded for a while.
SELECT setseed(0.42);
INSERT INTO orders (broker_id, symbol, side, quantity, price, status, created_at)
SELECT 100000 + n, (ARRAY['ES', 'FESX', 'ZN', 'GC'])[1 + n % 4], (ARRAY['BUY', 'SELL'])[1 + n % 2], 1 + n % 9,
       round((100 + random() * 5000)::numeric, 2), 'filled', now() - (500 - n) * interval '37 minutes'
FROM generate_series(1, 500) AS n;
INSERT INTO positions VALUES ('ES', 12, 5104.25), ('FESX', 18, 4872.00), ('ZN', 9, 109.42), ('GC', 4, 2391.80);
INSERT INTO nav_history
SELECT date_trunc('hour', now()) - n * interval '1 hour', round((2500000 + random() * 20000)::numeric, 2)
FROM generate_series(1, 720) AS n;
