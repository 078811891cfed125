import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ManyTargets, startManyTargets } from '../../fleet/many-targets.ts';
import { type DelayLine, openDelayLine } from './delay-line.ts';
import type { Answer, HostPlace, HostPlan, Order } from './orders.ts';

/** A way to the host with a config of its own. */
export interface Way {
	/** Path of the config, for `--config`. */
	readonly config: string;
	readonly port: number;
	readonly line: DelayLine | undefined;
	/** Arguments of `ssh` up to the command. */
	readonly ssh: readonly string[];
	/** An environment in which `docker` goes over it. */
	readonly docker: Readonly<Record<string, string>>;
}

/** A host to measure against. */
export interface BenchHost extends HostPlace {
	/** Its folder, and that of the client. */
	readonly folder: string;
	/** Its process: the simulated Docker Engine, not its sshd. */
	readonly pid: number;
	tell(order: Order): Promise<Answer>;
	/** A way there with this round trip; 0: without anything between. */
	way(roundTripMs: number, settings?: Readonly<Record<string, unknown>>): Promise<Way>;
	/** Opens a number of targets, with a port of an sshd each, all of them this host. It is stopped with the host. */
	many(count: number): Promise<ManyTargets>;
	close(): Promise<void>;
}

const runbook = `extends: compose
title: Bench
variables: { gateway: ibgateway, health_port: 8080, metrics_port: 8000, alertmanager_port: 9093 }
monitors:
  health:
    - name: trading-engine
      url: http://127.0.0.1:\${health_port}/health
      interval: 2s
      timeout: 3s
  metrics:
    url: http://127.0.0.1:\${metrics_port}/metrics
    interval: 1s
    timeout: 3s
    series:
      - { series: abstractfinance_nav, title: NAV }
      - { series: abstractfinance_orders_total, title: Orders }
      - { series: abstractfinance_positions, title: Positions }
  alerts: { url: 'http://127.0.0.1:\${alertmanager_port}' }
  backups: { patterns: ['backups/*.sql.gz', 'backups/*.sql'], warnAfter: 26h }
  log: { service: '\${service}', pattern: '\\b(\\w*error|\\w*exception|traceback|critical)\\b' }
checks:
  health: { kind: http, title: Health endpoint, url: 'http://127.0.0.1:\${health_port}/health', timeout: 5s }
  gateway:
    title: IB connection
    kind: log-state
    service: \${service}
    good: '\\bconnected to ib gateway\\b'
    bad: '\\b(disconnected from|not connected to|cannot connect to|lost connection to) ib gateway\\b'
    since: ['\${service}', '\${gateway}']
  errors:
    title: No errors in the log
    kind: log-errors
    service: \${service}
    pattern: '\\b(\\w*error|\\w*exception|traceback|critical)\\b'
  metrics:
    title: Metrics
    kind: metrics
    url: http://127.0.0.1:\${metrics_port}/metrics
    timeout: 5s
    prefix: abstractfinance_
    moves: true
verification: { checks: [containers, health, gateway, errors, metrics], settle: 1s, deadline: 1m }
procedures:
  print:
    title: Print lines
    group: All
    when: A bench asks for it.
    risk: read-only
    restorePoint: false
    verify: []
    inputs:
      - { name: lines, title: Lines, preset: none, resolve: 'printf "%s\\\\n" "$value"' }
    steps:
      - { id: print, title: Print, timeout: 30m, run: 'seq "$lines"' }
  one:
    title: One step
    group: All
    when: A bench asks for it.
    risk: read-only
    restorePoint: false
    verify: []
    steps:
      - { id: s0, title: Nothing, run: 'true' }
  many:
    title: Eleven steps
    group: All
    when: A bench asks for it.
    risk: read-only
    restorePoint: false
    verify: []
    steps:
${Array.from({ length: 11 }, (_, at) => `      - { id: s${at}, title: Nothing, run: 'true' }\n`).join('')}`;

/**
 * `ssh` with these words before its own. Some programs (lazydocker) forward the place where Docker's socket usually is, whatever
 * stands for Docker on the host.
 */
const sshProgram = (words: string, dockerSocket: string): string => `#!/bin/sh
for word; do
	shift
	case "$word" in *:/var/run/docker.sock) word="\${word%%:*}:${dockerSocket}" ;; esac
	set -- "$@" "$word"
done
exec /usr/bin/ssh ${words} "$@"
`;

const endMs = 5000;

/** Starts a host; it is gone when this process is, however that happens. */
export const openBenchHost = async (plan: Partial<Omit<HostPlan, 'folder'>> = {}): Promise<BenchHost> => {
	const top = mkdtempSync(join(tmpdir(), 'backout-bench-'));
	const folder = join(top, 'host');
	mkdirSync(folder, { mode: 0o700 });
	const full: HostPlan = { containers: 20, series: 0, changing: false, ...plan, folder };
	const child: ChildProcess = spawn(
		process.execPath,
		['--no-warnings', join(import.meta.dirname, 'main.ts'), JSON.stringify(full)],
		{ stdio: ['pipe', 'pipe', 'inherit'] },
	);
	const waiting: ((line: string) => void)[] = [];
	const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
	if (child.stdin === null || child.stdout === null) {
		throw new Error('the host to measure against has no pipes');
	}
	const { stdin } = child;
	createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
	const next = (): Promise<string> =>
		Promise.race([
			new Promise<string>((resolve) => waiting.push(resolve)),
			ended.then(() => {
				throw new Error('the host to measure against has ended');
			}),
		]);
	const place = JSON.parse(await next()) as HostPlace;
	const work = join(top, 'operator');
	mkdirSync(work);
	writeFileSync(join(work, 'bench.yaml'), runbook);
	const lines: DelayLine[] = [];
	const fleets: ManyTargets[] = [];
	const ways = new Map<string, Way>();

	/** The host's part of a target's settings. */
	const settingsOf = () => ({
		directory: place.directory,
		project: 'bench',
		state: place.state,
		variables: {
			service: 'app-01',
			gateway: 'app-02',
			health_port: place.ports.health,
			metrics_port: place.ports.metrics,
			alertmanager_port: place.ports.alertmanager,
		},
	});

	const openWay = async (roundTripMs: number, settings: Readonly<Record<string, unknown>>): Promise<Way> => {
		const line = roundTripMs === 0 ? undefined : await openDelayLine(place.port, roundTripMs);
		if (line !== undefined) {
			lines.push(line);
			appendFileSync(place.knownHosts, `[127.0.0.1]:${line.port} ${place.hostKey}\n`);
		}
		const port = line?.port ?? place.port;
		const { identityFile, knownHosts } = place;
		const options = [`UserKnownHostsFile=${knownHosts}`, 'IdentityAgent=none', 'IdentitiesOnly=yes', 'BatchMode=yes'];
		const sshConfig = join(work, `ssh-${port}`);
		writeFileSync(sshConfig, 'IdentityAgent none\nIdentitiesOnly yes\n');
		const target = {
			host: `${place.user}@127.0.0.1:${port}`,
			...settingsOf(),
			runbook: './bench.yaml',
			// All output is kept, so that it can be compared in full.
			runs: { output: '2GB', keepSize: '8GB' },
			identityFile,
			knownHosts,
			sshConfig,
			...settings,
		};
		const config = join(work, `backout-${ways.size}.yaml`);
		writeFileSync(config, `targets:\n  bench: ${JSON.stringify(target)}\n`);
		const ssh = ['-F', '/dev/null', '-i', identityFile, '-p', String(port), ...options.flatMap((one) => ['-o', one])];
		// The `docker` command takes its `ssh` from the PATH, and its options from nowhere; the port is among them.
		const bin = join(work, `bin-${port}`);
		mkdirSync(bin, { recursive: true });
		const words = ssh.map((word) => `'${word}'`).join(' ');
		writeFileSync(join(bin, 'ssh'), sshProgram(words, place.dockerSocket), { mode: 0o755 });
		return {
			config,
			port,
			line,
			ssh: [...ssh, `${place.user}@127.0.0.1`],
			docker: { PATH: `${bin}:${process.env.PATH}`, DOCKER_HOST: `ssh://${place.user}@127.0.0.1` },
		};
	};

	let asked: Promise<unknown> = Promise.resolve();
	return {
		...place,
		folder: top,
		pid: child.pid ?? 0,
		tell: (order) => {
			const answer = asked.then(async () => {
				stdin.write(`${JSON.stringify(order)}\n`);
				return JSON.parse(await next()) as Answer;
			});
			asked = answer;
			return answer;
		},
		way: async (roundTripMs, settings = {}) => {
			const key = `${roundTripMs} ${JSON.stringify(settings)}`;
			const way = ways.get(key) ?? (await openWay(roundTripMs, settings));
			ways.set(key, way);
			return way;
		},
		many: async (count) => {
			writeFileSync(join(folder, 'demo.yaml'), runbook);
			const sshConfig = join(work, 'ssh-many');
			writeFileSync(sshConfig, 'IdentityAgent none\nIdentitiesOnly yes\n');
			const demo = join(folder, 'backout.yaml');
			writeFileSync(demo, JSON.stringify({ targets: { demo: { ...settingsOf(), sshConfig } } }));
			const many = await startManyTargets({ count, demo });
			fleets.push(many);
			return many;
		},
		close: async () => {
			for (const fleet of fleets) {
				await fleet.stop();
			}
			for (const line of lines) {
				await line.close();
			}
			stdin.end();
			const timer = setTimeout(() => child.kill('SIGKILL'), endMs);
			await ended;
			clearTimeout(timer);
			rmSync(top, { recursive: true, force: true });
		},
	};
};
