-- Rows for the database of a deployment that has traded for a while. The engine itself writes none; they let a restore be judged.
SELECT setseed(0.42);
INSERT INTO orders (order_id, instrument_id, side, quantity, order_type, status, timestamp)
SELECT 'seed-' || n, (ARRAY['CSPX', 'FESX', 'ZN', 'GC'])[1 + n % 4], (ARRAY['BUY', 'SELL'])[1 + n % 2], 1 + n % 9, 'LMT', 'filled',
       now() - (500 - n) * interval '37 minutes'
FROM generate_series(1, 500) AS n;
INSERT INTO positions (instrument_id, quantity, avg_cost, sleeve)
VALUES ('CSPX', 120, 512.25, 'core'), ('FESX', 18, 4872.00, 'core'), ('ZN', 9, 109.42, 'rates'), ('GC', 4, 2391.80, 'hedge');
INSERT INTO daily_returns (date, daily_return, nav)
SELECT current_date - n, round(((random() - 0.5) / 50)::numeric, 8), round((1000000 + random() * 20000)::numeric, 2)
FROM generate_series(1, 240) AS n;
