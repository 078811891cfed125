import { expect } from 'vitest';
import { hostExec } from '../lab/index.ts';

/** Reads the state that must not change if nothing was to be changed: the commit, the files, every database's tables, the containers. */
export const hostState = async () => {
	const script = `git rev-parse HEAD; git symbolic-ref -q HEAD; git status --porcelain --ignored; ls -l --time-style=full-iso backups .env*
		psql() { docker exec -i postgres psql -X -At -U postgres "$@"; }
		psql -l | grep -v '^template'
		psql -d abstractfinance -c "SELECT table_name, (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I', table_name), false, true, '')))[1]
			FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'orders' ORDER BY 1" \\
			-c "SELECT count(*) FROM orders WHERE order_id LIKE 'seed-%'" </dev/null
		docker image inspect --format '{{.Id}}' abstractfinance-trading-engine:latest
		docker inspect --format '{{.Name}} {{.Id}} {{.State.Status}} {{.RestartCount}}' $(docker ps -aq --filter label=com.docker.compose.project=abstractfinance) | sort
		git for-each-ref refs/heads refs/remotes`;
	return (await hostExec(script)).stdout;
};

/** When each container was started. */
export const startedAt = async () =>
	(
		await hostExec(
			`docker inspect --format '{{.State.StartedAt}}' $(docker ps -aq --filter label=com.docker.compose.project=abstractfinance) | sort`,
		)
	).stdout;

/** Asks the database of the lab. */
export const sql = async (database: string, query: string) => {
	const script = 'docker exec postgres psql -X -At -U postgres -d "$1" -c "$2"';
	const { code, stdout, stderr } = await hostExec(script, [database, query]);
	expect(stderr).toBe('');
	expect(code).toBe(0);
	return stdout.trim();
};

/** The names of all databases. */
export const databases = async () =>
	(await sql('postgres', 'SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1')).split('\n');
