CREATE TABLE positions (symbol text PRIMARY KEY, quantity integer NOT NULL, average_price numeric(12, 2) NOT NULL);
INSERT INTO schema_migrations VALUES (2, 'positions', now() - interval '80 days');
