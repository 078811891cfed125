import { setTimeout as delay } from 'node:timers/promises';
import { breakLab, healLab, hostExec } from '../lab/index.ts';
import { layout } from '../lab/layout.ts';
import { runningPid } from '../lab/processes.ts';
import type { Place } from './place.ts';
import type { Random } from './random.ts';

/** A loaded machine may need a second try. */
export const healed = () => healLab().catch(() => healLab());

/** Something that goes wrong for a while, and is well again when it resolves. */
export interface SoakFault {
	readonly name: string;
	/** Relative frequency among the faults. */
	readonly weight: number;
	readonly happen: (place: Place, random: Random) => Promise<void>;
}

const seconds = (random: Random, from: number, to: number) => delay(random.between(from * 1000, to * 1000));

const inLab = (name: Parameters<typeof breakLab>[0]): SoakFault => ({
	name: `lab: ${name}`,
	weight: 1,
	happen: async (_, random) => {
		await breakLab(name);
		await seconds(random, 1, 5);
		await healed();
	},
});

const printing = (what: string) => `id=$(docker ps -q --filter label=com.docker.compose.service=trading-engine)
[ -z "$id" ] || docker exec "$id" sh -c '${what} >/proc/1/fd/1'`;

export const soakFaults: readonly SoakFault[] = [
	{ name: 'nothing', weight: 3, happen: (_, random) => seconds(random, 1, 4) },
	{
		name: 'link reset',
		weight: 4,
		happen: async ({ proxy }, random) => {
			for (let left = random.between(1, 3); left > 0; left--) {
				proxy.reset();
				await seconds(random, 0, 3);
			}
		},
	},
	{
		name: 'link refused',
		weight: 2,
		happen: async ({ proxy }, random) => {
			proxy.refuse = true;
			proxy.reset();
			await seconds(random, 1, 8);
			proxy.refuse = false;
		},
	},
	{
		name: 'black hole',
		weight: 3,
		happen: async ({ proxy }, random) => {
			proxy.blackHole = true;
			await seconds(random, 2, 14);
			proxy.blackHole = false;
			// Swallowed bytes are missing for ever: no connection can continue.
			proxy.reset();
		},
	},
	{
		name: 'stall',
		weight: 3,
		happen: async ({ proxy }, random) => {
			proxy.stalled = true;
			await seconds(random, 1, 9);
			proxy.stalled = false;
		},
	},
	{
		name: 'slow link',
		weight: 2,
		happen: async ({ proxy }, random) => {
			[proxy.rate, proxy.delayMs] = [random.between(20_000, 100_000), random.between(50, 300)];
			await seconds(random, 3, 8);
			[proxy.rate, proxy.delayMs] = [0, 0];
		},
	},
	{
		name: 'sessions killed',
		weight: 3,
		happen: async ({ sshd }, random) => {
			sshd.killSessions();
			await seconds(random, 0, 3);
		},
	},
	{
		name: 'sshd restarted',
		weight: 2,
		happen: async ({ sshd }, random) => {
			await sshd.stop();
			await seconds(random, 0, 6);
			await sshd.start();
		},
	},
	{
		name: 'dockerd hung',
		weight: 2,
		happen: async ({ info }, random) => {
			const pid = runningPid(layout(info.dir).dockerPid, 'dockerd');
			if (pid === null) {
				throw new Error('dockerd does not run');
			}
			process.kill(pid, 'SIGSTOP');
			try {
				await seconds(random, 2, 12);
			} finally {
				process.kill(pid, 'SIGCONT');
			}
		},
	},
	{
		name: 'flood of log lines',
		weight: 3,
		happen: async (_, random) => {
			await hostExec(printing(`seq -f "%.0f ERROR in a flood of lines" ${random.between(50_000, 400_000)}`));
		},
	},
	{
		name: 'log lines of 1 MB, control codes, no UTF-8',
		weight: 2,
		happen: async (_, random) => {
			await hostExec(
				printing('head -c 3000000 /dev/zero | tr "\\0" y; printf "\\033]52;c;eA==\\007\\033[2J\\377\\000\\n"'),
			);
			await seconds(random, 0, 2);
		},
	},
	inLab('engine-stopped'),
	inLab('gateway-stopped'),
	inLab('health-hangs'),
	inLab('env-broken'),
	inLab('compose-broken'),
];

export const chooseFault = (random: Random): SoakFault => {
	let at = random.next() * soakFaults.reduce((total, { weight }) => total + weight, 0);
	for (const fault of soakFaults) {
		at -= fault.weight;
		if (at < 0) {
			return fault;
		}
	}
	return random.one(soakFaults);
};
