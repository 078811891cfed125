import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compare } from '../../../src/engines/compose/comparison.ts';
import { heldPorts, neededPorts } from '../../../src/engines/compose/plan/held-ports.ts';
import portsInUse from '../../../src/engines/compose/plan/ports-in-use.sh';
import type { PlanChange } from '../../../src/runbook/plan.ts';
import { writeIn } from '../../helpers/work-tree.ts';
import { type Shell, shellMissing, shellPath, shells } from '../../runner/shells.ts';
import { built, compared, container, model } from './compared-services.ts';

const proxy = `container ${'e'.repeat(64)}\tedge-proxy-1\tedge\t0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 127.0.0.1:9000-9002->9000-9002/tcp`;
const publishes = (published: string, more: object = {}) => ({
	...built,
	ports: [{ target: 80, published, protocol: 'tcp', ...more }],
});
const bound = (HostPort: string) => ({ PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort }] } });

/** What a plan says that goes to these services, with `web` and `old` running. */
const refusal = (
	web: object,
	said: string,
	{ host = bound('9090'), mode = 'shop_default', status = 'running', staysStopped = false } = {},
): string => {
	const now = model({ web: built, old: built });
	const after = model({ web });
	const containers = [container('web', { host, mode, status }), container('old', { host: bound('7070') })];
	const changes = compare(compared({ now, after, containers, rebuilds: true })).changes.map(
		(change): PlanChange => ({ ...change, staysStopped: change.staysStopped || staysStopped }),
	);
	return heldPorts(neededPorts(changes, containers, after), said, changes, containers)
		.map(({ state, detail }) => `${state}: ${detail}`)
		.join();
};

describe('a port that the chosen version needs', () => {
	test('is refused where another container has it', () => {
		expect(refusal(publishes('8080'), proxy)).toBe(
			'failed: port 8080/tcp, which web needs then, is taken by the container edge-proxy-1 of the project edge. Free it, or choose another version',
		);
		expect(refusal(publishes('9001'), proxy)).toContain('port 9001/tcp');
		expect(refusal(publishes('8080', { host_ip: '10.0.0.1' }), proxy)).toContain('port 8080/tcp');
	});

	test('is refused where a process has it, seen or not', () => {
		const nginx = 'socket tcp/8080\t127.0.0.1\t812\tnginx\t';
		expect(refusal(publishes('8080'), nginx)).toContain('is taken by nginx (process 812)');
		expect(refusal(publishes('8080'), 'socket tcp/8080\t::\t\t\t')).toContain("ss -ltnp 'sport = :8080'");
		const within = `socket tcp/8080\t0.0.0.0\t812\tnginx\t${'e'.repeat(64)}`;
		expect(refusal(publishes('8080'), `${proxy.replaceAll('8080', '80')}\n${within}`)).toContain('edge-proxy-1');
	});

	test('is not where it is free, on another address, or one of several that Docker may take', () => {
		expect(refusal(publishes('8081'), proxy)).toBe('');
		expect(refusal(publishes('9001', { host_ip: '10.0.0.1' }), proxy)).toBe('');
		expect(refusal(publishes('8080', { host_ip: '10.0.0.1' }), 'socket tcp/8080\t127.0.0.1\t812\tnginx\t')).toBe('');
		expect(refusal(publishes('8080', { protocol: 'udp' }), proxy)).toBe('');
		expect(refusal(publishes('9000-9005'), proxy)).toBe('');
		expect(refusal(publishes('8080'), proxy, { staysStopped: true })).toBe('');
	});

	test('is not where what makes room for it has it now', () => {
		const own = (port: string) =>
			`container web1\tshop-web-1\tshop\t127.0.0.1:${port}->80/tcp\nsocket tcp/${port}\t127.0.0.1\t5\tdocker-proxy\t`;
		expect(refusal(publishes('9090'), own('9090'))).toBe('');
		expect(refusal(publishes('7070'), own('7070'))).toBe('');
		// One that has ended has none any more.
		expect(refusal(publishes('9090'), proxy.replaceAll('8080', '9090'), { status: 'exited' })).toContain('9090');
	});

	test('is not where a process may be that of a container in the network of the host', () => {
		const own = `socket tcp/8080\t0.0.0.0\t812\tnode\tweb1`;
		expect(refusal(publishes('8080'), own, { mode: 'host' })).toBe('');
		expect(refusal(publishes('8080'), 'socket tcp/8080\t0.0.0.0\t\t\t', { mode: 'host' })).toBe('');
		expect(refusal(publishes('8080'), 'socket tcp/8080\t0.0.0.0\t812\tnginx\t', { mode: 'host' })).toContain('nginx');
	});
});

test.each(shells.filter((shell) => !shellMissing(shell)))(
	'%s finds listening sockets and whose they are',
	(shell: Shell) => {
		const proc = mkdtempSync(join(tmpdir(), 'backout-proc-'));
		try {
			const line = (local: string, state: string, inode: number) =>
				`   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0\n`;
			// 8080 is 1F90: one that listens on 127.0.0.1, one that is connected, and one on all addresses of both.
			writeIn(
				proc,
				'7/net/tcp',
				`  sl  local_address\n${line('0100007F:1F90', '0A', 501)}${line('0A00000A:1F90', '01', 502)}`,
			);
			writeIn(proc, '7/net/tcp6', `  sl  local_address\n${line(`${'0'.repeat(32)}:1F90`, '0A', 503)}`);
			writeIn(proc, '7/net/udp', `  sl  local_address\n${line('00000000:0035', '07', 504)}`);
			writeIn(proc, '812/comm', 'nginx\n');
			writeIn(proc, '812/cgroup', `0::/system.slice/docker-${'e'.repeat(64)}.scope\n`);
			for (const [process, inode] of [
				[7, 1],
				[812, 501],
			]) {
				mkdirSync(join(proc, `${process}/fd`), { recursive: true });
				symlinkSync(`socket:[${inode}]`, join(proc, `${process}/fd/3`));
			}
			const found = (dockers: string) =>
				spawnSync(
					shellPath(shell),
					[
						...(shell === 'busybox' ? ['sh'] : []),
						'-c',
						`${portsInUse}\nengine() { echo container; }\npidof() { echo '${dockers}'; }\nports_in_use tcp/8080 tcp/80 udp/53`,
					],
					{ encoding: 'utf8', env: { PATH: process.env.PATH, proc } },
				).stdout;
			expect(found('7')).toBe(
				`container\nsocket tcp/8080\t127.0.0.1\t812\tnginx\t${'e'.repeat(64)}\nsocket tcp/8080\t::\t\t\t\nsocket udp/53\t0.0.0.0\t\t\t\n`,
			);
			// Which of two is the one of the deployment is not known.
			expect(found('7 9')).toBe('container\n');
		} finally {
			rmSync(proc, { recursive: true });
		}
	},
);
