#!/bin/sh
# The entry point of the postgres image: makes a cluster where there is none, runs the init scripts once, then serves.
set -e
data=/var/lib/postgresql/data
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"; }
if [ ! -s "$data/PG_VERSION" ]; then
	if [ -z "$POSTGRES_PASSWORD" ]; then
		echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
		echo '       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.' >&2
		exit 1
	fi
	chown postgres:postgres "$data"
	chmod 700 "$data"
	printf '%s\n' "$POSTGRES_PASSWORD" >/tmp/password
	chmod 644 /tmp/password
	as_postgres initdb -D "$data" -U "$user" -E UTF8 --no-locale --auth-local=trust --auth-host=scram-sha-256 --pwfile=/tmp/password >/dev/null
	rm /tmp/password
	as_postgres sh -c 'echo "host all all all scram-sha-256" >>"$1/pg_hba.conf"' sh "$data"
	as_postgres pg_ctl -D "$data" -s -w -o "-c listen_addresses='' -c unix_socket_directories=/var/run/postgresql -c fsync=off" start
	[ "$database" = postgres ] || as_postgres createdb -U "$user" "$database"
	for file in /docker-entrypoint-initdb.d/*.sql; do
		[ -e "$file" ] || continue
		echo "$0: running $file"
		as_postgres psql -X -q -v ON_ERROR_STOP=1 -U "$user" -d "$database" -f "$file"
	done
	as_postgres pg_ctl -D "$data" -s -w -m fast stop
	echo 'PostgreSQL init process complete; ready for start up.'
fi
exec setpriv --reuid=postgres --regid=postgres --init-groups -- postgres -D "$data" -c listen_addresses='*' -c jit=off \
	-c unix_socket_directories=/var/run/postgresql -c synchronous_commit=off -c logging_collector=off
