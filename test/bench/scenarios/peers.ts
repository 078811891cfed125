import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchHost, Way } from '../host/open.ts';
import { hasContainers, openDashboard } from '../measure/dashboard.ts';
import { median } from '../measure/figures.ts';
import { openScreen, type Screen } from '../measure/screen.ts';
import { cpuPercents, processTree } from '../measure/usage.ts';
import type { Bench, Finding, Scenario } from '../scenario.ts';

interface Peer {
	readonly name: string;
	/** Over SSH; the others speak to Docker's own socket only, as if they ran on the host. */
	readonly overSsh: boolean;
	/** A row that shows a container as running. */
	running(container: string): RegExp;
}

const peers: readonly Peer[] = [
	{ name: 'lazydocker', overSsh: true, running: (name) => new RegExp(`running +${name}`) },
	{ name: 'ctop', overSsh: false, running: (name) => new RegExp(`▶ +${name}`) },
	{ name: 'dry', overSsh: false, running: (name) => new RegExp(` Up .* ${name}`) },
	{ name: 'dockly', overSsh: false, running: (name) => new RegExp(`${name}.* Up `) },
];

const isInstalled = (name: string): boolean =>
	(process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));

/** A service that is among the first of every list. */
const service = 'app-03';
const container = `bench-${service}-1`;
const lateMs = 10_000;

const open = (peer: Peer, host: BenchHost, way: Way): Screen =>
	openScreen([peer.name], {
		env: {
			HOME: host.folder,
			...(peer.overSsh
				? way.docker
				: // What the oldest of them speaks at most, they say to an engine that is older than theirs.
					{ DOCKER_HOST: `unix://${host.dockerSocket}`, DOCKER_API_VERSION: '1.37' }),
		},
	});

/** Ends it, and what it leaves behind: lazydocker its `ssh -N`. */
const close = async (screen: Screen): Promise<void> => {
	const below = processTree(screen.pid).slice(1);
	await screen.close();
	for (const pid of below) {
		try {
			process.kill(pid);
		} catch {
			// The process has ended.
		}
	}
};

const showsRunning = (peer: Peer) => (rows: readonly string[]) => rows.some((row) => peer.running(container).test(row));

/** Measures the time from the start to the list, in turn with backout's. */
async function* startToList(bench: Bench, host: BenchHost, peer: Peer): AsyncIterable<Finding> {
	for (const roundTrip of peer.overSsh ? [0, 50] : [0]) {
		const way = await host.way(roundTrip);
		const theirs: number[] = [];
		const ours: number[] = [];
		for (let round = 0; round < bench.times(10, 3); round++) {
			const screen = open(peer, host, way);
			const took = await screen.until(showsRunning(peer), lateMs);
			await close(screen);
			if (took === undefined) {
				bench.skip(peer.name, `it shows no ${container} as running`);
				return;
			}
			theirs.push(took);
			const own = openDashboard(way);
			ours.push((await own.until(hasContainers, lateMs)) ?? lateMs);
			await own.close();
		}
		const how = peer.overSsh ? `over ssh, ${roundTrip} ms round trip` : 'at the socket';
		yield {
			what: `${peer.name} ${how}: container list`,
			unit: 'ms',
			values: theirs,
			beside: `backout over ssh ${median(ours).toFixed(0)} ms`,
		};
		if (peer.overSsh) {
			yield {
				what: `backout's container list, faster than ${peer.name}'s, ${roundTrip} ms round trip`,
				unit: '×',
				values: ours.map((one) => median(theirs) / one),
				atLeast: 3,
			};
		}
	}
}

/** Measures the cost of watching, and the delay until a change is visible. */
async function* watching(bench: Bench, host: BenchHost, peer: Peer): AsyncIterable<Finding> {
	const how = peer.overSsh ? 'over ssh' : 'at the socket';
	const shows = showsRunning(peer);
	const screen = open(peer, host, await host.way(0));
	if ((await screen.until(shows, lateMs)) === undefined) {
		await close(screen);
		return;
	}
	await delay(bench.times(10_000, 3000));
	const before = { bytes: screen.bytes, at: performance.now() };
	const used = await cpuPercents(screen.pid, bench.times(30, 5), 5);
	const bytes = (screen.bytes - before.bytes) / ((performance.now() - before.at) / 1000);
	yield { what: `${peer.name} ${how}: processor, nothing changes`, unit: '% of a core', values: used };
	yield { what: `${peer.name} ${how}: to the terminal, nothing changes`, unit: 'bytes/s', values: [bytes] };
	const took: number[] = [];
	for (let round = 0; round < bench.times(10, 3); round++) {
		await delay(200 + Math.random() * 400);
		const epoch = performance.timeOrigin + performance.now() - screen.now();
		const seen = screen.until((rows) => !shows(rows), lateMs);
		const { at } = await host.tell({ do: 'kill', name: service });
		const seenAt = await seen;
		await host.tell({ do: 'start', name: service });
		if (seenAt === undefined || (await screen.until(shows, lateMs)) === undefined) {
			bench.skip(`${peer.name}, after \`docker kill\``, `it does not show each change within ${lateMs / 1000} s`);
			await close(screen);
			return;
		}
		took.push(seenAt + epoch - at);
	}
	await close(screen);
	yield { what: `${peer.name} ${how}: changed state after \`docker kill\``, unit: 'ms', values: took, judged: 'p90' };
}

/** The log of a container by `docker logs -f`, as the floor of what a log over SSH costs. */
async function* dockerLogs(bench: Bench, host: BenchHost): AsyncIterable<Finding> {
	const way = await host.way(0);
	for (const rate of [10_000, 100_000]) {
		const log = openScreen(['docker', 'logs', '-f', 'bench-app-01-1'], { env: way.docker });
		await delay(2000);
		await host.tell({ do: 'flood', rate });
		await delay(2000);
		const before = { bytes: log.bytes, at: performance.now() };
		const used = await cpuPercents(log.pid, bench.times(20, 5), 5);
		const bytes = (log.bytes - before.bytes) / ((performance.now() - before.at) / 1000);
		await host.tell({ do: 'flood', rate: 0 });
		await log.close();
		const what = `docker logs -f over ssh, ${rate.toLocaleString('en-US')} lines/s`;
		yield { what: `${what}: processor, with its ssh`, unit: '% of a core', values: used };
		yield { what: `${what}: to the terminal`, unit: 'bytes/s', values: [bytes] };
	}
}

/** Measures other programs on the same host: those that are on the PATH. */
export const others: Scenario = {
	name: 'peers',
	title: 'Other programs, on the same host',
	quick: false,
	async *measure(bench: Bench): AsyncIterable<Finding> {
		const host = await bench.host();
		for (const peer of peers) {
			if (isInstalled(peer.name)) {
				yield* startToList(bench, host, peer);
				yield* watching(bench, host, peer);
			} else {
				bench.skip(peer.name, 'it is not on the PATH');
			}
		}
		if (isInstalled('docker')) {
			yield* dockerLogs(bench, host);
		} else {
			bench.skip('docker logs -f', 'docker is not on the PATH');
		}
	},
};
