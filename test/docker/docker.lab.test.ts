import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { InstanceEvent } from '../../src/engine/instance.ts';
import { createApiCalls } from '../../src/engines/docker/api-calls.ts';
import { createApiClient } from '../../src/engines/docker/api-client.ts';
import type { DockerCalls } from '../../src/engines/docker/calls.ts';
import { createCliCalls } from '../../src/engines/docker/cli-calls.ts';
import { createDocker } from '../../src/engines/docker/docker.ts';
import { createHostClock } from '../../src/services/host/clock.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { logLines } from '../../src/services/logs/log-lines.ts';
import { labIsThere, openProject, type TestProject } from '../helpers/containers.ts';
import { readLabInfo } from '../lab/index.ts';

const there = await labIsThere();

const ways: Record<string, (project: TestProject) => DockerCalls> = {
	'its socket': ({ docker }) => docker,
	'dial-stdio': ({ host }) =>
		createApiCalls(createApiClient(host.commandAgent('exec docker system dial-stdio'), createHostClock())),
	'the docker command': ({ host }) => createCliCalls(host),
};

describe.skipIf(!there)('Docker', () => {
	let project: TestProject;
	beforeEach(() => {
		project = openProject();
	});
	afterEach(() => project.close());

	describe.each(Object.keys(ways))('by %s', (name) => {
		const calls = () => ways[name]?.(project) as DockerCalls;

		test('lists, inspects, and says what is not there', async () => {
			const id = await project.run('web', 'exit 3', '--restart', 'no');
			await project.command('wait', id);
			await project.run('job', 'sleep 60', '--label', 'com.docker.compose.oneoff=True');
			await project.run('web', 'sleep 60', '--label', 'com.docker.compose.oneoff=');
			const listed = await calls().list(project.project);
			expect(listed).toMatchObject([{ id, service: 'web', status: 'exited' }]);
			const details = await calls().inspect(id);
			expect(details).toMatchObject({ id, service: 'web', exitCode: 3, restarts: 0, image: 'lab/base:1', tty: false });
			expect((await calls().inspectImage(details?.imageId ?? ''))?.tags).toContain('lab/base:1');
			expect(await calls().inspect('0123456789ab')).toBeUndefined();
			expect(await calls().inspectImage('sha256:'.padEnd(71, '0'))).toBeUndefined();
		});

		test('reads both outputs of a log, as bytes, and from where it is asked to', async () => {
			const id = await project.run('web', 'echo one; echo two >&2; printf "\\033]52;c;x\\007\\n"; sleep 1; echo last');
			await project.command('wait', id);
			const read = async (stream: string, options: Parameters<DockerCalls['logs']>[1]) => {
				const parts: Buffer[] = [];
				for await (const chunk of calls().logs(id, options)) {
					if (chunk.stream === stream) {
						parts.push(chunk.bytes);
					}
				}
				return Buffer.concat(parts);
			};
			expect((await read('stdout', {})).toString()).toBe('one\n\x1b]52;c;x\x07\nlast\n');
			expect((await read('stderr', {})).toString()).toBe('two\n');
			expect((await read('stdout', { tail: 1 })).toString()).toBe('last\n');
		});

		test('tells of events as they happen, and of those that were missed', async () => {
			const aborter = new AbortController();
			const seen: InstanceEvent[] = [];
			let opened: () => void = () => {};
			const open = new Promise<void>((resolve) => {
				opened = resolve;
			});
			const listening = (async () => {
				for await (const event of calls().events(project.project, {
					since: 1n,
					signal: aborter.signal,
					onOpen: opened,
				})) {
					seen.push(event);
					if (event.action === 'die') {
						return;
					}
				}
			})();
			await open;
			const id = await project.run('web', 'exit 7');
			await listening;
			expect(seen.map(({ action, service }) => [action, service])).toEqual([
				['create', 'web'],
				['start', 'web'],
				['die', 'web'],
			]);
			expect(seen.every((event) => event.id === id)).toBe(true);
			const missed: string[] = [];
			const until = (seen.at(-1)?.nanos ?? 0n) + 1n;
			for await (const { action } of calls().events(project.project, { since: seen[1]?.nanos, until })) {
				missed.push(action);
			}
			expect(missed).toEqual(['start', 'die']);
			aborter.abort();
		});

		test('gives figures of use', async () => {
			const id = await project.run('web', 'while :; do :; done');
			for await (const use of calls().stats(id, { once: true })) {
				expect(use.cpuPercent).toBeGreaterThan(1);
				expect(use.memoryBytes).toBeGreaterThan(1000);
			}
		});
	});

	test('a log of a terminal is not framed', async () => {
		const id = await project.run('web', 'echo hello', '-t');
		await project.command('wait', id);
		const lines: string[] = [];
		for await (const { text } of logLines(project.docker, { id, tty: true }, {})) {
			lines.push(text);
		}
		expect(lines).toEqual(['hello']);
		let bytes = '';
		for await (const chunk of project.docker.logs(id, {})) {
			bytes += chunk.bytes.toString();
		}
		expect(bytes).toBe('hello\r\n');
	});

	test('a following reader gets a line when it is written, and the end when the container ends', async () => {
		const id = await project.run('web', 'echo ready; read line; echo "got $line"', '-i');
		const lines: string[] = [];
		for await (const { text } of logLines(project.docker, { id, tty: false }, { follow: true })) {
			lines.push(text);
			if (text === 'ready') {
				await project.command('kill', id);
			}
		}
		expect(lines).toEqual(['ready']);
	});

	test('a caller that gives up leaves with its own reason', async () => {
		const id = await project.run('web', 'sleep 60');
		const aborter = new AbortController();
		const reading = (async () => {
			for await (const _ of project.docker.logs(id, { follow: true, signal: aborter.signal })) {
				// nothing comes
			}
		})();
		aborter.abort(new Error('enough'));
		await expect(reading).rejects.toThrow('enough');
	});

	test('says which way it took and why', async () => {
		expect(await project.docker.ready()).toEqual({
			kind: 'socket',
			reason: `Docker's socket ${readLabInfo().dockerSocket}, through the connection`,
		});
	});
});

describe('without Docker', () => {
	const withEndpoint = (endpoint: string) => {
		const host = new LocalHost({ env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', DOCKER_HOST: endpoint } });
		return { host, docker: createDocker(host) };
	};

	test('a missing socket is said, and where to look', async () => {
		const { host, docker } = withEndpoint('unix:///nonexistent/docker.sock');
		await expect(docker.list('x')).rejects.toMatchObject({
			name: 'BackoutError',
			code: 'failed',
			message: expect.stringMatching(/\/nonexistent\/docker\.sock/),
			next: expect.any(String),
		});
		expect(docker.way()).toBeUndefined();
		await host.close();
	});
});
