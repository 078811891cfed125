import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { dockerfile, serves, serving } from './harness/files.ts';
import { test, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';
import { differences } from './harness/snapshot.ts';

const files = (version: string, services: string) => ({
	'compose.yaml': `services:\n${services}`,
	Dockerfile: dockerfile(version),
	'app.sh': serves,
});
const web = (more = '') => `  web: { build: ., restart: always, stop_grace_period: 2s${more} }\n`;
const replicas = (count: number) => web(`, deploy: { replicas: ${count} }`);

/** Rolls back to a commit and takes that back, which has to leave what was there, and says what the undo said. */
const thereAndBack = async (site: Site, commit: string, ...allow: readonly string[]): Promise<string> => {
	const before = await site.snapshot();
	const allowed = allow.flatMap((name) => ['--allow', name]);
	const run = await site.backout('run', 'rollback-commit', '--input', `commit=${commit}`, '--yes', ...allowed);
	// This test is not about its verdict.
	expect([0, 1, 5], run.text).toContain(run.code);
	const undo = await site.backout('undo', 'last', '--yes');
	expect(differences(before, await site.snapshot(), 'settings'), undo.text).toEqual([]);
	expect(undo.code, undo.text).toBe(0);
	return undo.text;
};

const owned = async (site: Site): Promise<readonly string[]> => {
	const before = (await site.containers()).map(({ id }) => id);
	await site.compose('up', '-d');
	return (await site.containers()).filter(({ id }) => !before.includes(id)).map(({ service }) => service);
};

describe.skipIf(withoutEngine)('undo of a service that runs several times', () => {
	test('gives the containers the numbers of then, and the owner starts nothing anew', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await site.commit('one', files('1', replicas(1)));
		await site.commit('two', files('2', replicas(3)));
		await site.deploy();
		await thereAndBack(site, first, 'web:replicas:1');
		expect(await owned(site)).toEqual([]);
	});

	test('of which one was removed: it is not there afterwards, either', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await site.commit('one', files('1', replicas(3)));
		await site.commit('two', files('2', replicas(3)));
		await site.deploy();
		await site.docker('rm', '-f', `${site.token}-web-1`);
		const said = await thereAndBack(site, first);
		expect(said).toContain('2 of 3 containers of web exist');
		expect(said).toContain('as before');
	});
});

describe.skipIf(withoutEngine)('undo of containers that Compose would not make again', () => {
	const api = (mode: string) =>
		`  api: { image: "${baseImage}", restart: on-failure, stop_grace_period: 2s, environment: { MODE: ${mode} }, volumes: ["/data", "./conf:/conf:ro"], ${serving} }\n`;

	test('of a service that its files do not have: with its volume and its environment', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const conf = { 'conf/app.conf': 'x\n' };
		const first = await site.commit('one', { ...files('1', web() + api('one')), ...conf });
		await site.commit('two', files('2', web() + api('two')));
		await site.deploy();
		await site.commit('three', files('3', web()));
		await site.deploy();
		await site.docker('exec', `${site.token}-api-1`, 'sh', '-c', 'echo kept >/data/file');
		expect(await thereAndBack(site, first)).toContain('Recreating api:');
		expect(await site.docker('exec', `${site.token}-api-1`, 'cat', '/data/file')).toBe('kept');
		await site.docker('exec', `${site.token}-web-1`, 'true');
		expect(
			await site.docker('inspect', '--format', '{{json .NetworkSettings.Networks}}', `${site.token}-api-1`),
		).toContain('"api"');
	});

	test('of such a one that uses the network of another', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const agent = (mode: string) =>
			`  agent: { image: "${baseImage}", network_mode: "service:web", stop_grace_period: 2s, environment: { MODE: ${mode} }, ${serving} }\n`;
		const first = await site.commit('one', files('1', web() + agent('one')));
		await site.commit('two', files('1', web() + agent('two')));
		await site.deploy();
		await site.commit('three', files('1', web()));
		await site.deploy();
		await thereAndBack(site, first);
	});

	test('of services that had different images by one name', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const name = `${site.token}/moving:latest`;
		const moving = (service: string, mode: string) =>
			`  ${service}: { image: "${name}", restart: always, stop_grace_period: 2s, environment: { MODE: ${mode} }, ${serving} }\n`;
		const publish = (version: string) =>
			site.sh(`printf 'FROM ${baseImage}\\nLABEL test.version=${version}\\n' | docker build -q -t ${name} -`);
		await publish('m1');
		const first = await site.commit('one', files('1', web() + moving('api', 'one') + moving('mail', 'one')));
		await site.commit('two', files('2', web() + moving('api', 'two') + moving('mail', 'two')));
		await site.deploy();
		await publish('m2');
		await site.commit('three', files('3', web() + moving('mail', 'three')));
		await site.deploy();
		await thereAndBack(site, first);
	});

	test('of a service that was started from older files than the others', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await site.commit('one', files('1', web() + api('one')));
		await site.commit('two', files('2', web() + api('two')));
		await site.deploy();
		await site.commit('three', files('3', web() + api('three')));
		await site.deploy('--no-deps', 'web');
		await thereAndBack(site, first);
	});
});

describe.skipIf(withoutEngine)('undo to a deployment of which not all ran', () => {
	test('a service had no container: it has none again', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const other = `  other: { build: ., restart: always, stop_grace_period: 2s }\n`;
		const first = await site.commit('one', files('1', web() + other));
		await site.commit('two', files('2', web() + other));
		await site.deploy();
		await site.docker('rm', '-f', `${site.token}-web-1`);
		expect(await thereAndBack(site, first)).toContain('web has no container, as before');
	});

	test('a job had ended: it is not run a second time', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const job = (mode: string) =>
			`  job: { build: ., restart: "no", environment: { MODE: ${mode} }, command: ["sh", "-c", "echo ran"] }\n` +
			web(', depends_on: { job: { condition: service_completed_successfully } }');
		const first = await site.commit('one', files('1', job('one')));
		await site.commit('two', files('2', job('two')));
		await site.deploy();
		await thereAndBack(site, first);
		expect(await site.docker('logs', `${site.token}-job-1`)).toBe('');
	});
});

describe.skipIf(withoutEngine)('networks and volumes that a run created', () => {
	const api = `  api: { image: "${baseImage}", restart: always, stop_grace_period: 2s, volumes: ["data:/data"], networks: [back], ${serving} }\n`;
	const withApi = `${web()}${api}volumes: { data: {} }\nnetworks: { back: {} }\n`;

	test('are gone after its undo, if nothing was written into them', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await site.commit('one', files('1', withApi));
		await site.commit('two', files('2', web()));
		await site.deploy();
		const said = await thereAndBack(site, first);
		expect(said).toContain(`Removed network ${site.token}_back: there was none before`);
		expect(said).toContain(`Removed volume ${site.token}_data: there was none before`);
		expect(await site.docker('network', 'ls', '--format', '{{.Name}}')).not.toContain(`${site.token}_back`);
		expect(await site.docker('ps', '-aq', '--filter', `volume=${site.token}_data`)).toBe('');
	});

	test('are kept with what was written into them, and the verdict names them', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openSite();
		const first = await site.commit('one', files('1', withApi));
		await site.commit('two', files('2', web()));
		await site.deploy();
		await site.backout('run', 'rollback-commit', '--input', `commit=${first}`, '--yes');
		await site.docker('exec', `${site.token}-api-1`, 'sh', '-c', 'echo orders >/data/orders');
		const undo = await site.backout('undo', 'last', '--yes');
		expect(undo.code, undo.text).toBe(0);
		expect(undo.text).toContain(`docker volume rm ${site.token}_data`);
		expect(undo.text).toContain(
			`everything is as it was before; kept, though it did not exist before: volume ${site.token}_data`,
		);
		const written = ['run', '--rm', '-v', `${site.token}_data:/data`, baseImage, 'cat', '/data/orders'];
		expect(await site.docker(...written)).toBe('orders');
	});

	test('stay where a container of somebody else uses them', { tags: 'long' }, async ({ openSite }) => {
		const site = await openSite();
		const first = await site.commit('one', files('1', withApi));
		await site.commit('two', files('2', web()));
		await site.deploy();
		await site.backout('run', 'rollback-commit', '--input', `commit=${first}`, '--yes');
		const name = `${site.token}-visitor`;
		await site.docker('run', '-d', '--name', name, '--network', `${site.token}_back`, baseImage, 'sleep', '600');
		const undo = await site.backout('undo', 'last', '--yes');
		expect(undo.text).toContain(`Kept network ${site.token}_back, which did not exist before: ${name} uses it`);
	});
});
