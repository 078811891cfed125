import { expect, test } from 'vitest';
import { judgeEngine } from '../../src/engines/compose/doctor/judge-engine.ts';
import { factsOf } from '../../src/services/doctor/facts.ts';

const judged = (...facts: readonly (readonly [string, string])[]) =>
	judgeEngine(factsOf(facts.map((pair) => pair.join('\t')).join('\n')));

test('docker in a folder that a non-interactive login has not on its PATH is said, and is no fault', () => {
	expect(
		judged(
			['docker', '27.1'],
			['docker-at', '/usr/local/bin/docker'],
			['docker-host', 'unix:///run/user/1000/docker.sock'],
			['compose', '2.29'],
		),
	).toMatchObject([
		{
			state: 'ok',
			found:
				'engine 27.1; docker is /usr/local/bin/docker, whose folder is not on the PATH of a non-interactive login; at unix:///run/user/1000/docker.sock',
		},
		{ state: 'ok' },
	]);
	expect(judged(['docker', '27.1'], ['compose', '2.29'])[0]).toMatchObject({ state: 'ok', found: 'engine 27.1' });
});

test('Podman that cannot be called by the name docker is named, with what mends it', () => {
	expect(judged(['missing', 'docker'], ['podman', '/usr/bin/podman'])).toMatchObject([
		{
			id: 'podman',
			found: 'it is here (/usr/bin/podman), but nothing is called docker',
			fix: expect.stringContaining('podman.socket'),
		},
	]);
	expect(judged(['missing', 'docker'])).toEqual([]);
});

test('Podman without a client of Docker is named', () => {
	expect(
		judged(['docker', '4.3.1'], ['podman', '/usr/bin/podman'], ['no-compose', 'podman-compose cannot']),
	).toMatchObject([
		{ state: 'ok', found: 'engine 4.3.1; it is Podman (/usr/bin/podman), and there is no client of Docker' },
		{ state: 'failed', found: 'podman-compose cannot' },
	]);
});

test('a socket that is closed to the login names both ways in', () => {
	const [docker] = judged(['user', 'ana'], ['no-docker', 'permission denied while trying to connect']);
	expect(docker).toMatchObject({ state: 'failed', fix: expect.stringMatching(/usermod -aG docker ana.*sudo: true/) });
});
