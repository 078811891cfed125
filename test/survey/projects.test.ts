import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { desiredOf } from '../../src/engines/compose/desired.ts';
import { parseModel } from '../../src/engines/compose/model.ts';
import { publishedPorts, surveyModel } from '../../src/engines/compose/survey/survey.ts';
import { writeRunbook } from '../../src/engines/compose/survey/write-runbook.ts';
import { mainOf } from '../../src/runbook/main-service.ts';
import { databaseService, mainService, type Survey } from '../../src/runbook/survey.ts';
import { runbookReader } from '../../src/services/files/read.ts';
import { loadRunbook } from '../../src/services/runbook-file/load-runbook.ts';

const root = join(import.meta.dirname, 'projects');

/** Returns Compose's output for a file, which needs no engine. */
const modelOf = (name: string): string => {
	const args = ['compose', '-f', join(root, `${name}.yaml`), 'config', '--format', 'json'];
	return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], cwd: root });
};

const hasCompose = (() => {
	try {
		execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
})();

interface Wanted {
	readonly main: string;
	readonly database?: { readonly service: string; readonly database: string; readonly user: string };
	readonly ports: readonly string[];
}

const wanted: Readonly<Record<string, Wanted>> = {
	photos: {
		main: 'immich-server',
		database: { service: 'database', database: 'immich', user: 'postgres' },
		ports: ['immich-server:2283'],
	},
	// MariaDB under the name db is no PostgreSQL.
	files: { main: 'app', ports: ['web:8080'] },
	forge: {
		main: 'server',
		database: { service: 'db', database: 'gitea', user: 'gitea' },
		ports: ['server:222', 'server:3000'],
	},
	documents: {
		main: 'webserver',
		database: { service: 'db', database: 'paperless', user: 'paperless' },
		ports: ['webserver:8000'],
	},
	passwords: { main: 'vaultwarden', ports: ['caddy:80', 'caddy:443'] },
	analytics: {
		main: 'plausible',
		database: { service: 'plausible_db', database: 'postgres', user: 'postgres' },
		ports: ['plausible:8000'],
	},
	social: {
		main: 'web',
		database: { service: 'db', database: 'postgres', user: 'postgres' },
		ports: ['streaming:4000', 'web:3000'],
	},
	wiki: {
		main: 'outline',
		database: { service: 'postgres', database: 'outline', user: 'user' },
		ports: ['https-portal:80', 'https-portal:443', 'outline:192.0.2.10:3000'],
	},
	automation: {
		main: 'n8n',
		database: { service: 'postgres', database: 'n8n', user: 'changeUser' },
		ports: ['n8n:5678'],
	},
	identity: {
		main: 'server',
		database: { service: 'postgresql', database: 'authentik', user: 'authentik' },
		ports: ['server:9000', 'server:9443'],
	},
};

describe.skipIf(!hasCompose)('projects as people have them', () => {
	test.each(Object.entries(wanted))('%s', (name, { main, database, ports }) => {
		const json = modelOf(name);
		const { services, places } = surveyModel(json);
		const survey: Survey = {
			project: parseModel(json).project,
			directory: '/srv/project',
			services,
			// The first port of the main service answers, as most do.
			ports: places.map((place) => ({ ...place, ...(place.service === main && { health: '/health' }) })),
			backups: [],
			hasFolder: true,
			conflicts: [],
		};
		expect(mainService({ ...survey, ports: [] })?.name).toBe(main);
		expect(mainService(survey)?.name).toBe(main);
		expect(databaseService(survey)).toEqual(database);
		expect(places.map(({ service, address, port }) => [service, address, port].filter(Boolean).join(':'))).toEqual(
			ports,
		);
		// With the plain runbook the dashboard begins with the same service.
		expect(desiredOf(parseModel(json)).main).toBe(main);

		const text = writeRunbook(survey);
		const readRunbook = runbookReader({ cwd: process.cwd(), env: {} });
		const runbook = loadRunbook(text, 'project.yaml', { readRunbook });
		expect(runbook.variables.service).toBe(main);
		expect(runbook.variables.database).toBe(database?.database ?? 'postgres');
		const asked = places.filter(({ service }) => service === main);
		expect((runbook.monitors.health ?? []) as readonly unknown[]).toMatchObject(
			asked.map(({ address = '127.0.0.1', port }) => ({
				name: expect.stringContaining(main),
				url: `http://${address}:${port}/health`,
			})),
		);
		expect(text).not.toContain('secret');
	});

	test('each file is one of them', () => {
		const names = Object.keys(wanted);
		expect(names).toHaveLength(10);
		expect(names.every((name) => readFileSync(join(root, `${name}.yaml`), 'utf8').includes('services:'))).toBe(true);
	});
});

test.each([
	['0.0.0.0:8080->80/tcp, :::8080->80/tcp', [{ port: 8080 }]],
	['127.0.0.1:8090->8090/tcp', [{ port: 8090 }]],
	['192.0.2.10:443->8443/tcp, 192.0.2.10:443->8443/udp', [{ port: 443, address: '192.0.2.10' }]],
	['[2001:db8::1]:80->80/tcp', [{ port: 80, address: '2001:db8::1' }]],
	['192.0.2.10:80->80/tcp, 127.0.0.1:80->80/tcp', [{ port: 80 }]],
	['[::]:9000-9001->9000-9001/tcp, 5432/tcp', [{ port: 9000 }, { port: 9001 }]],
	['', []],
])('the ports that Docker lists as %j', (text, ports) => {
	expect(publishedPorts(text)).toEqual(ports);
});

test.each([
	['the one that is published', [{ name: 'a' }, { name: 'z', publishes: true }], 'z'],
	[
		'not a database, though it is published',
		[
			{ name: 'a', image: 'postgres:16', publishes: true },
			{ name: 'b', image: 'shop' },
		],
		'b',
	],
	[
		'not a job',
		[
			{ name: 'a', image: 'shop', isJob: true, dependsOn: ['db'] },
			{ name: 'b', image: 'shop' },
		],
		'b',
	],
	[
		'not its exporter',
		[
			{ name: 'a', image: 'prom/mysqld-exporter', publishes: true },
			{ name: 'b', image: 'shop' },
		],
		'b',
	],
	['the first where nothing tells', [{ name: 'b' }, { name: 'a' }], 'a'],
	['the only one', [{ name: 'redis', image: 'redis' }], 'redis'],
	['none of none', [], undefined],
] as const)('what matters is %s', (_, services, main) => {
	expect(mainOf(services)).toBe(main);
});
