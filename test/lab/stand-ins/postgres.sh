# A PostgreSQL server: makes its cluster and the database at the first start. Runs as postgres.
set -e
data=/var/lib/postgresql/data
if [ ! -s "$data/PG_VERSION" ]; then
	printf '%s\n' "$POSTGRES_PASSWORD" >/tmp/password
	initdb -D "$data" -U postgres -E UTF8 --no-locale --auth-local=trust --auth-host=scram-sha-256 --pwfile=/tmp/password >/dev/null
	rm /tmp/password
	echo 'host all all all scram-sha-256' >>"$data/pg_hba.conf"
	echo "CREATE DATABASE $POSTGRES_DB" | postgres --single -j -D "$data" postgres >/dev/null
fi
exec postgres -D "$data" -c listen_addresses='*' -c jit=off -c unix_socket_directories=/var/run/postgresql \
	-c synchronous_commit=off -c logging_collector=off
