import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { identityQuestion } from '../../src/engines/compose/deployment.ts';
import { type ServedDemo, serveDemo } from './demo.ts';

let demo: ServedDemo;
beforeAll(async () => {
	demo = await serveDemo('crash');
});
afterAll(async () => {
	await demo.stop();
});

const label = (name: string) => `{{.Label "com.docker.compose.${name}"}}`;

test('the demo host says what its deployment is, and nothing contradicts', async () => {
	const target = { directory: demo.directory, project: 'none', projectGiven: false };
	const { script: functions, environment } = identityQuestion(target);
	const values = Object.entries(environment).map(([name, value]) => `${name}='${value}'\n`);
	const script = `${values.join('')}${functions}\nidentify`;
	const { said } = await demo.onHost('sh', '-c', script);
	expect(said.split('\n')).toEqual(
		expect.arrayContaining([
			'project\tabstractfinance',
			'project_from\tcontainers',
			'files_from\tcontainers',
			`compose_directory\t${demo.directory}`,
			`compose_files\t${demo.directory}/docker-compose.yml`,
		]),
	);
	expect(said).not.toMatch(/conflict|unreadable/);
});

test('containers carry the labels of Compose; their hash is what Compose says of the same settings', async () => {
	const names = ['service', 'config-hash', 'project.working_dir', 'project.config_files', 'oneoff', 'container-number'];
	const format = names.map(label).join(' ');
	const { said } = await demo.onHost('docker', 'ps', '-a', '--format', format);
	const hashes = (await demo.onHost('docker', 'compose', 'config', '--hash', '*')).said;
	const lines = said.trim().split('\n');
	expect(lines).toHaveLength(hashes.trim().split('\n').length);
	for (const line of lines) {
		const [service, hash, folder, files, oneOff, number] = line.split(' ');
		expect(hashes).toContain(`${service} ${hash}\n`);
		expect([folder, files]).toEqual([demo.directory, `${demo.directory}/docker-compose.yml`]);
		expect([oneOff, number]).toEqual(['False', '1']);
	}
});

test('a container that was only made holds its image', async () => {
	const on = async (...args: readonly string[]) => {
		const { code, said } = await demo.onHost('docker', ...args);
		return { code, said: said.trim() };
	};
	const image = 'abstractfinance-trading-engine';
	const made = await on('create', '--name', 'holder', '--label', 'kept=1', '--network', 'none', image, 'true');
	expect(made.code, made.said).toBe(0);
	await on('tag', image, 'backout/x:1');
	expect((await on('inspect', '--format', '{{.State.Status}} {{.HostConfig.NetworkMode}}', 'holder')).said).toBe(
		'created none',
	);
	expect((await on('ps', '-aq', '--no-trunc', '--filter', 'label=kept=1')).said).toBe(made.said);
	expect((await on('image', 'rm', 'backout/x:1')).code).toBe(0);
	expect(await on('create', '--name', 'holder', image)).toMatchObject({
		code: 1,
		said: expect.stringContaining('already in use'),
	});
	expect(await on('rm', 'holder')).toEqual({ code: 0, said: 'holder' });
});

test('a stopped container that is in a network which is gone cannot be started, until it is out of it', async () => {
	const on = async (...args: readonly string[]) => {
		const { code, said } = await demo.onHost('docker', ...args);
		return { code, said: said.trim() };
	};
	const name = 'grafana';
	expect((await on('stop', name)).code).toBe(0);
	expect((await on('network', 'create', '--label', 'x=1', 'held')).code).toBe(0);
	expect((await on('network', 'connect', '--alias', 'policy-always', 'held', name)).code).toBe(0);
	expect(await on('network', 'rm', 'held')).toEqual({ code: 0, said: 'held' });
	expect((await on('network', 'inspect', 'held')).code).toBe(1);
	expect(await on('start', name)).toMatchObject({ code: 1, said: expect.stringContaining('network held not found') });
	const up = await on('compose', 'up', '-d', 'grafana');
	expect(up).toMatchObject({ code: 1, said: expect.stringContaining('network held not found') });
	const aliases =
		'{{range $name, $at := .NetworkSettings.Networks}}{{if eq $name "held"}}{{range $at.Aliases}}{{println .}}{{end}}{{end}}{{end}}';
	expect((await on('inspect', '--format', aliases, name)).said).toMatch(/^policy-always$/m);
	expect((await on('network', 'disconnect', '-f', 'held', name)).code).toBe(0);
	expect(await on('start', name)).toEqual({ code: 0, said: name });
});

test('a dry run says what would be made anew, and does nothing', async () => {
	const dry = async () =>
		(await demo.onHost('docker', 'compose', '--dry-run', 'up', '--no-start', '--no-deps', '--', 'grafana')).said;
	const id = async () => (await demo.onHost('docker', 'ps', '-aq', '--filter', 'name=grafana')).said;
	const before = await id();
	expect(await dry()).toBe('');
	const file = join(demo.directory, 'docker-compose.yml');
	const text = readFileSync(file, 'utf8');
	writeFileSync(file, text.replace('grafana:11.3.0', 'grafana:11.3.0\n    user: "472"'));
	expect(await dry()).toContain('Container grafana  Recreate\n');
	writeFileSync(file, text);
	expect(await id()).toBe(before);
});
