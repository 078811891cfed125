"""Orders and positions in PostgreSQL."""

import psycopg2


class SchemaError(Exception):
    """The database has another schema than this version needs."""


class Store:
    def __init__(self, database):
        self.database = database
        self._connection = None

    @property
    def connected(self):
        return self._connection is not None

    def connect(self, schema_version):
        self._connection = psycopg2.connect(**self.database)
        self._connection.autocommit = True
        found = self._one("SELECT max(version) FROM schema_migrations")
        if found != schema_version:
            raise SchemaError(f"schema version {schema_version} expected, found {found}")

    def close(self):
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def positions(self):
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT symbol, quantity FROM positions WHERE quantity <> 0 ORDER BY symbol")
            return dict(cursor.fetchall())

    def record_order(self, broker_id, symbol, side, quantity, price):
        with self._connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO orders (broker_id, symbol, side, quantity, price, status) VALUES (%s, %s, %s, %s, %s, 'open')",
                (broker_id, symbol, side, quantity, price),
            )

    def _one(self, query):
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]
