CREATE TABLE nav_history (at timestamptz PRIMARY KEY, nav numeric(14, 2) NOT NULL);
CREATE INDEX orders_created_at ON orders (created_at);
INSERT INTO schema_migrations VALUES (3, 'nav history', now() - interval '30 days');
