import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeConfig } from '../../src/engines/compose/survey/write-config.ts';
import { writeRunbook } from '../../src/engines/compose/survey/write-runbook.ts';
import { databaseService, mainService, type Survey } from '../../src/runbook/survey.ts';
import { runbookReader } from '../../src/services/files/read.ts';
import { loadConfig } from '../../src/services/runbook-file/load-config.ts';
import { loadRunbook } from '../../src/services/runbook-file/load-runbook.ts';

const survey: Survey = {
	project: 'shop',
	directory: '/srv/shop',
	services: [
		{ name: 'cache', image: 'redis:7', built: false, healthCheck: false, environment: {}, ports: [6379] },
		{
			name: 'db',
			image: 'postgres:16',
			built: false,
			healthCheck: true,
			environment: { POSTGRES_USER: 'shop' },
			ports: [],
		},
		{ name: 'web-app', built: true, healthCheck: true, environment: {}, ports: [8080, 9100] },
	],
	ports: [
		{ port: 6379, service: 'cache' },
		{ port: 8080, service: 'web-app', health: '/healthz' },
		{
			port: 9100,
			service: 'web-app',
			metrics: {
				prefix: 'shop_',
				series: [
					{ name: 'shop_orders_total', counter: true },
					{ name: 'shop_open_carts', counter: false },
				],
			},
		},
		{ port: 9093, service: 'cache', alertmanager: true, health: '/-/healthy' },
	],
	git: { branch: 'main', upstream: 'origin/release' },
	backups: [{ folder: 'dumps', endings: ['.sql.gz'] }],
	hasFolder: true,
	conflicts: [],
};

const load = (text: string) =>
	loadRunbook(text, 'shop.yaml', { readRunbook: runbookReader({ cwd: process.cwd(), env: {} }) });

test('the service that is built and answers is the one that is rolled back; the database is known by its image', () => {
	expect(mainService(survey)?.name).toBe('web-app');
	expect(databaseService(survey)).toEqual({ service: 'db', database: 'shop', user: 'shop' });
});

test('what was found is in the runbook', () => {
	const runbook = load(writeRunbook(survey));
	expect(runbook.variables).toMatchObject({
		service: 'web-app',
		database_service: 'db',
		database: 'shop',
		backups: 'dumps',
		deployed_branch: 'origin/release',
	});
	expect(runbook.monitors.health).toMatchObject([{ name: 'web-app', url: 'http://127.0.0.1:8080/healthz' }]);
	expect(runbook.monitors.metrics).toMatchObject({
		url: 'http://127.0.0.1:9100/metrics',
		series: [{ title: 'Orders', rate: true }, { title: 'Open carts' }],
	});
	expect(runbook.monitors.alerts).toMatchObject({ url: 'http://127.0.0.1:9093' });
	expect(runbook.monitors.backups).toMatchObject({ patterns: ['dumps/*.sql.gz'] });
	expect(runbook.verification.checks).toEqual(['containers', 'health', 'metrics']);
	expect(runbook.procedures.map(({ id }) => id)).toContain('rollback-commit');
	expect(runbook.suggestions).toMatchObject([{ procedure: 'rollback-commit' }]);
});

test('a login that has Docker by sudo alone gets a config that says so', () => {
	const target = {
		name: 'shop',
		host: 'local',
		directory: '/srv/shop',
		project: 'shop',
		runbook: 'compose',
		hasFolder: true,
	};
	const read = (text: string) =>
		loadConfig(text, 'backout.yaml', { readRunbook: runbookReader({ cwd: process.cwd(), env: {} }) }).targets[0];
	expect(read(writeConfig({ ...target, sudo: true }))?.programs).toEqual({ sudo: true });
	expect(read(writeConfig(target))?.programs).toBeUndefined();
});

test('without git nothing is offered that goes by commits', () => {
	const { git: _, ...rest } = survey;
	const ids = load(writeRunbook(rest)).procedures.map(({ id }) => id);
	expect(ids).toContain('rollback-image');
	expect(ids).not.toContain('rollback-commit');
});

test('where there is next to nothing, it is still a runbook that holds', () => {
	const bare = load(
		writeRunbook({
			project: 'x',
			directory: '/x',
			services: [],
			ports: [],
			backups: [],
			hasFolder: true,
			conflicts: [],
		}),
	);
	expect(bare.verification.checks).toEqual(['containers']);
});

test('whatever things are called on the host, what is written can be loaded and means the same', () => {
	const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((text) => !/\p{Cc}/u.test(text));
	fc.assert(
		fc.property(name, name, name, (project, service, folder) => {
			const odd: Survey = {
				...survey,
				project,
				services: [
					{ name: service, built: true, healthCheck: false, environment: { POSTGRES_DB: folder }, ports: [80] },
				],
				ports: [{ port: 80, service, health: '/health' }],
				backups: [{ folder, endings: ['.sql'] }],
			};
			const runbook = load(writeRunbook(odd));
			expect(runbook.variables).toMatchObject({ service, database: folder, backups: folder });
			expect(runbook.title).toBe(project);
			const config = writeConfig({
				name: 'it',
				host: 'a@b',
				directory: `/${folder}`,
				project: 'p',
				runbook: 'compose',
				hasFolder: true,
			});
			const { targets } = loadConfig(config, 'backout.yaml', {
				readRunbook: runbookReader({ cwd: process.cwd(), env: {} }),
				localPath: (path) => path,
			});
			expect(targets[0]).toMatchObject({ name: 'it', host: 'a@b' });
		}),
		{ numRuns: 25, examples: [['${a}', 'on', "it's: #"]] },
	);
});

test('a stack without a folder on the host gets a runbook for what goes by its containers alone', () => {
	const { git: _, ...rest } = survey;
	const runbook = load(writeRunbook({ ...rest, backups: [], hasFolder: false }));
	const ids = runbook.procedures.map(({ id }) => id);
	expect(ids).toEqual(
		expect.arrayContaining(['rollback-image', 'stop-everything', 'start-everything', 'verify', 'restart']),
	);
	expect(ids.filter((id) => /^(rollback-commit|failed-deployment|config-error)/.test(id))).toEqual([]);
	expect(runbook.monitors.commit).toBeUndefined();
});

test('a program that gives its arguments on is written as the command, any other one only as a comment', () => {
	const facts = { name: 'it', host: 'a@b', directory: '/srv/it', project: 'p', runbook: 'compose', hasFolder: true };
	const options = {
		readRunbook: runbookReader({ cwd: process.cwd(), env: {} }),
		localPath: (path: string) => path,
	};
	const commandOf = (passesOn: boolean) =>
		loadConfig(writeConfig({ ...facts, command: { path: 'bin/dc', passesOn } }), 'backout.yaml', options).targets[0]
			?.compose?.command;
	expect(commandOf(true)).toBe('bin/dc');
	expect(commandOf(false)).toBeUndefined();
});
