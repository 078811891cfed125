import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Usage } from '../../src/engine/instance.ts';
import { rawOfCounters, toUse } from '../../src/engines/docker/stats.ts';
import script from '../../src/engines/docker/usage-of-all.sh';
import { readUsageOfAll } from '../../src/engines/docker/usage-of-all.ts';
import type { Host } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { processTree } from '../bench/measure/usage.ts';
import { textOf } from '../helpers/proc.ts';
import { shellMissing, shellPath, shells } from '../runner/shells.ts';
import { type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';

const idOf = (digit: string) => digit.repeat(64);
const [web, job, cache, gone] = [idOf('a'), idOf('b'), idOf('c'), idOf('d')];
/** Where Docker puts control groups: by itself, through systemd, and below a parent that a Compose file names. */
const places = { [web]: `docker/${web}`, [job]: `system.slice/docker-${job}.scope`, [cache]: `shop/inner/${cache}` };
const hostBytes = Number(/^MemTotal: +(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'backout-cgroup-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (files: Readonly<Record<string, string>>) => {
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), text);
	}
};

/** Makes control groups with the same counters, as the kernel writes them. */
const versions: Readonly<Record<string, () => void>> = {
	1: () => {
		for (const [at, place] of Object.values(places).entries()) {
			put({
				[`cpuacct/${place}/cpuacct.usage`]: `${at + 1}000000\n`,
				[`memory/${place}/memory.usage_in_bytes`]: '5000000\n',
				[`memory/${place}/memory.stat`]:
					'cache 7\ninactive_file 1\ntotal_cache 9\ntotal_inactive_file 2000000\ntotal_x 1\n',
				[`memory/${place}/memory.limit_in_bytes`]: at === 0 ? '64000000\n' : '9223372036854771712\n',
			});
		}
	},
	2: () => {
		put({ 'cgroup.controllers': 'cpu memory\n' });
		for (const [at, place] of Object.values(places).entries()) {
			put({
				[`${place}/cpu.stat`]: `usage_usec ${at + 1}000\nuser_usec 1\nsystem_usec 2\n`,
				[`${place}/memory.current`]: '5000000\n',
				[`${place}/memory.stat`]: 'anon 3\nfile 4\ninactive_anon 5\ninactive_file 2000000\nactive_file 6\n',
				[`${place}/memory.max`]: at === 0 ? '64000000\n' : 'max\n',
			});
		}
	},
};

describe.each(Object.keys(versions))('control groups of version %s', (version) => {
	const unit = version === '1' ? '000000' : '000';

	test.each(shells.filter((shell) => shellMissing(shell) === undefined))('are read in %s', (shell) => {
		versions[version]?.();
		const words = [
			...(shell === 'busybox' ? ['sh'] : shell === 'bash' ? ['--norc'] : []),
			'-c',
			`root='${root}'\n${script}`,
		];
		const { stdout, stderr, status } = spawnSync(shellPath(shell), words, {
			input: `containers ${web} ${job} ${gone} ${cache}\nread 9 0 0\nread 1 3 4\ncontainers ${job}\nread 9 0 0\n`,
			encoding: 'utf8',
			env: { PATH: '/usr/bin:/bin' },
		});
		const lines = stdout.trimEnd().split('\n');
		const [first, second, third] = ['1', '2', '3'].map((count) => `${count}${unit} 5000000 2000000`);
		const none = version === '1' ? '9223372036854771712' : 'max';
		const now = expect.stringMatching(new RegExp(`^now ${version} [1-9]\\d+ [1-9]\\d*$`));
		expect(lines).toEqual([
			...[`limits ${hostBytes} 64000000 ${none} - ${none}`, now, first, second, '-', third],
			...[now, first, '-', third],
			...[`limits ${hostBytes} ${none}`, now, second],
		]);
		expect([stderr, status]).toEqual(['', 0]);
	});

	test('give the figures that Docker would give, for those that are there', async () => {
		versions[version]?.();
		const host = new LocalHost();
		let ids = [web, gone];
		const samples: Record<string, Usage | undefined>[] = [];
		const { signal } = new AbortController();
		for await (const uses of readUsageOfAll(host, () => ids, { signal, root })) {
			samples.push(Object.fromEntries(uses));
			ids = [job, web];
			if (samples.length === 2) {
				break;
			}
		}
		const memoryBytes = 3_000_000;
		expect(samples).toEqual([
			{ [web]: { cpuPercent: undefined, memoryBytes, memoryLimitBytes: 64_000_000 }, [gone]: undefined },
			{
				[job]: { cpuPercent: undefined, memoryBytes, memoryLimitBytes: hostBytes },
				[web]: { cpuPercent: 0, memoryBytes, memoryLimitBytes: 64_000_000 },
			},
		]);
		await host.close();
	});
});

test('processor time is a share of that of the system, times the processors', () => {
	const head = { version: '2', processors: 4 };
	const before = rawOfCounters('1000000 5 -', { ...head, ticks: 1000 }, 10, 100);
	// In a second of four processors, one of them worked for half of it.
	const now = rawOfCounters('1500000 5 9', { ...head, ticks: 1400 }, undefined, 100);
	expect(toUse(now ?? {}, before)).toEqual({ cpuPercent: 50, memoryBytes: 5, memoryLimitBytes: 100 });
	// Without the controller, Docker knows no memory either.
	expect(toUse(rawOfCounters('7 - -', { ...head, ticks: 1400 }, undefined, 100) ?? {}, before)).toEqual({
		cpuPercent: 0,
		memoryBytes: undefined,
		memoryLimitBytes: undefined,
	});
	expect(rawOfCounters('-', { ...head, ticks: 1400 }, undefined, 100)).toBeUndefined();
});

test('of many containers, the first are read each time and the others in turn', async () => {
	versions[1]?.();
	const many = Array.from({ length: 50 }, (_, at) => at.toString(16).padStart(64, '0'));
	for (const id of many) {
		put({ [`cpuacct/docker/${id}/cpuacct.usage`]: '1\n', [`memory/docker/${id}/memory.usage_in_bytes`]: '5\n' });
	}
	const host = new LocalHost();
	const { signal } = new AbortController();
	const read: string[] = [];
	for await (const uses of readUsageOfAll(host, () => many, { signal, root })) {
		const places = [...uses].map(([id, use]) => (use?.memoryBytes === 5 ? many.indexOf(id) : -1));
		read.push(`${places.length} to ${places[20]}, ${places.at(-1)}`);
		if (read.length === 2) {
			break;
		}
	}
	expect(read).toEqual(['40 to 20, 39', '30 to 40, 49']);
	await host.close();
});

test.each([
	['there are no control groups', () => {}],
	['none of the containers is there', () => put({ 'cgroup.controllers': 'cpu\n' })],
])('ends without a sample where %s', async (_, prepare) => {
	prepare();
	const host = new LocalHost();
	const { signal } = new AbortController();
	const reading = readUsageOfAll(host, () => [web], { signal, root });
	expect(await reading.next()).toEqual({ done: true, value: undefined });
	await host.close();
});

describe.skipIf(sshdMissing()).each(['ssh2', 'openssh'] as const)('over SSH, by %s', (transport) => {
	let sshd: Sshd;
	let host: Host;
	beforeEach(async () => {
		versions[1]?.();
		sshd = await startSshd([]);
		const ssh = { identityFile: sshd.identity, transport };
		host = openHost({ host: sshd.destination, ssh }, { home: sshd.home, env: { PATH: process.env.PATH } });
	});
	afterEach(async () => {
		await host.close();
		await sshd.stop();
	});

	const isThere = (pid: number) => /^State:\s+[^Z]/m.test(textOf(`/proc/${pid}/status`));
	const words = (pid: number) => textOf(`/proc/${pid}/cmdline`).split('\0').join(' ').trim();

	test.each([
		['is stopped', (stop: AbortController) => stop.abort(new Error('enough'))],
		[
			'loses the process of its connection',
			() => {
				for (const pid of processTree(sshd.pid)
					.slice(1)
					.filter((pid) => words(pid).startsWith('sshd'))) {
					process.kill(pid, 'SIGKILL');
				}
			},
		],
	])('leaves nothing on the host when it %s', async (_, end) => {
		const stop = new AbortController();
		const reading = readUsageOfAll(host, () => [web], { signal: stop.signal, root });
		expect((await reading.next()).value?.get(web)?.memoryBytes).toBe(3_000_000);
		const left = processTree(sshd.pid).filter((pid) => words(pid) === 'sh -s');
		expect(left).toHaveLength(1);
		end(stop);
		await expect.poll(() => left.filter(isThere)).toEqual([]);
		await expect(reading.next()).rejects.toThrow();
	});
});
