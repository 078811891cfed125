import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { textOf } from '../helpers/proc.ts';
import { program } from '../helpers/program.ts';
import type { Node } from '../nodes/node.ts';
import { createPlace, type Place } from './harness/place.ts';
import { createStack, type Stack } from './harness/stack.ts';
import { image, startSwarm } from './harness/swarm.ts';

// Measures the figures of docs/swarm.md, all in one run, on three nodes: node --import ./scripts/text-files.ts test/swarm/figures.ts

const services = 20;
const tasksEach = 3;
const rounds = Number(process.env.ROUNDS ?? 3);
const watchMs = Number(process.env.WATCH_MS ?? 30_000);

const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
const say = (line: string) => process.stdout.write(`${line}\n`);
const timed = async (act: () => Promise<unknown>): Promise<number> => {
	const since = performance.now();
	await act();
	return (performance.now() - since) / 1000;
};

/** Processor time of a process so far, s. */
const processorOf = (pid: number): number => {
	const fields = textOf(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
	return (Number(fields[11]) + Number(fields[12])) / 100;
};
const daemonOf = ({ socket }: Node): number => Number(readFileSync(join(dirname(socket), 'docker.pid'), 'utf8'));

/** Time from the first change until the service has converged, by the records of the newest run, s. */
const changing = (place: Place): number => {
	const folder = join(place.folder, 'runs', 'runs');
	const newest = readdirSync(folder).toSorted().at(-1) ?? '';
	const records = readFileSync(join(folder, newest, 'records'), 'utf8');
	const at = (pattern: RegExp) => Number(pattern.exec(records)?.[1]);
	return (at(/^end \d+ \S*-converge (\d+)/m) - at(/^begin \d+ \S*-update (\d+)/m)) / 1000;
};

const convergence = async (stack: Stack, place: Place, node: Node): Promise<void> => {
	const [byHand, whole, part]: [number[], number[], number[]] = [[], [], []];
	for (let round = 0; round < rounds; round += 1) {
		const update = ['service', 'update', '--quiet', '--image', image('1'), `${stack.name}_web`];
		byHand.push(await timed(() => node.docker(...update)));
		const run = ['run', 'rollback-image', '--input', `image=${image('2')}`, '--yes', '--reason', 'figures'];
		whole.push(
			await timed(async () => {
				const { code, text } = await place.backout(...run);
				if (code !== 0) {
					throw new Error(text);
				}
			}),
		);
		part.push(changing(place));
	}
	const [hand, all, steps] = [median(byHand), median(whole), median(part)];
	say(`docker service update: ${hand.toFixed(1)} s`);
	say(`steps update and converge, with 2 s of settling: ${steps.toFixed(1)} s (${(steps / hand).toFixed(2)} times)`);
	say(`the whole run, with plan, restore point and verdict: ${all.toFixed(1)} s (${(all / hand).toFixed(2)} times)`);
};

/** Processor time of the manager's daemon and of what `start` starts, s of each minute. */
const costOf = async (node: Node, start: () => { readonly pid: () => number; end(): void }) => {
	const started = start();
	await sleep(8000);
	const [daemon, own] = [processorOf(daemonOf(node)), processorOf(started.pid())];
	await sleep(watchMs);
	const minutes = watchMs / 60_000;
	const cost = {
		daemon: (processorOf(daemonOf(node)) - daemon) / minutes,
		own: (processorOf(started.pid()) - own) / minutes,
	};
	started.end();
	return cost;
};

const running = (command: string, args: readonly string[], node: Node, cwd: string) => () => {
	const child = spawn(command, args, { env: { ...process.env, ...node.env, HOME: cwd }, cwd, stdio: 'ignore' });
	return { pid: () => child.pid ?? 0, end: () => child.kill('SIGTERM') };
};

const watching = async (stack: Stack, place: Place, node: Node): Promise<void> => {
	const one = `{ image: '${image('1')}', stop_grace_period: 1s, deploy: { replicas: ${tasksEach}, endpoint_mode: dnsrr } }`;
	const names = Array.from({ length: services }, (_, at) => `  s${at}: ${one}`);
	const file = join(place.folder, 'many.yaml');
	writeFileSync(file, `version: "3.8"\nservices:\n${names.join('\n')}\n`);
	await node.docker('stack', 'rm', stack.name);
	await node.docker('stack', 'deploy', '-c', file, stack.name);
	const wanted = Array(services).fill(`${tasksEach}/${tasksEach}`).join('\n');
	const replicas = ['stack', 'services', '--format', '{{.Replicas}}', stack.name];
	const deadline = performance.now() + 300_000;
	while ((await node.docker(...replicas)).trim() !== wanted && performance.now() < deadline) {
		await sleep(2000);
	}
	const idle = await costOf(node, running('sleep', ['60'], node, place.folder));
	const watch = await costOf(node, running(process.execPath, [program, 'status', '--watch'], node, place.folder));
	const loop = `while :; do docker node ls; docker stack services ${stack.name}; docker stack ps ${stack.name}; sleep 2; done`;
	const hand = await costOf(node, running('sh', ['-c', `${loop} >/dev/null`], node, place.folder));
	const extra = watch.daemon - idle.daemon;
	const byHand = hand.daemon - idle.daemon;
	say(
		`daemon of the manager, s of processor time a minute: idle ${idle.daemon.toFixed(1)}, watched ${watch.daemon.toFixed(1)}`,
	);
	say(
		`asked by three docker commands every 2 s: ${hand.daemon.toFixed(1)} (backout costs ${(extra / byHand).toFixed(2)} of that)`,
	);
	say(`backout itself: ${watch.own.toFixed(1)} s a minute`);
};

const swarm = await startSwarm({ managers: 3, workers: 0 });
const stack = await createStack(swarm);
try {
	await stack.deploy({ web: '2' });
	await stack.runs('web', [image('2'), image('2')]);
	const place = createPlace(stack, swarm.manager, { target: '    blockFor: 0s\n' });
	await convergence(stack, place, swarm.manager);
	await watching(stack, place, swarm.manager);
	place.remove();
} finally {
	await stack.remove();
	await swarm.stop();
}
