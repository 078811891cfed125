import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
	breakLab,
	type FaultName,
	type GoodState,
	healLab,
	hostExec,
	judge,
	openFourOrders,
	ordersAtBroker,
	readLabInfo,
	setWatchdog,
} from '../lab/index.ts';
import { type Workplace, withoutLab } from './backout.ts';
import { byLogin, changedByUp, type Login, sharedPlace, undoLast, wholeState } from './matrix.ts';

const engine = async () => (await hostExec(`docker inspect --format '{{.State.Status}}' trading-engine`)).stdout.trim();
const expectWell = async () => {
	const { ok, findings } = await judge();
	expect(findings.filter((finding) => !finding.ok)).toEqual([]);
	expect(ok).toBe(true);
};

/** One procedure of a row: run on the good deployment that the ones before it have left. */
interface Step {
	readonly procedure: string;
	readonly inputs?: () => Promise<readonly string[]>;
	readonly before?: () => void;
	/** The expected state after it; default: all is well. */
	readonly after?: () => Promise<void>;
	/** True when it is undone, and the host then is as before. */
	readonly undone?: boolean;
	/** The message to the owner, to whom it is refused before anything changes. */
	readonly refusedToOwner?: RegExp;
}

const previous = () => readLabInfo().goodCommits.at(-2)?.hash ?? '';
const commit = async () => [`commit=${previous()}`];
const stopped = async () => expect(await engine()).toBe('exited');

const all: readonly Step[] = [
	// Cron makes the backups, as root.
	{
		procedure: 'pre-deploy-checklist',
		refusedToOwner: /abstractfinance cannot write in \S*backups, which belongs to root/,
	},
	{ procedure: 'gateway-restart' },
	{ procedure: 'disable-trading', after: stopped, undone: true },
	{
		procedure: 'cancel-all-orders',
		before: openFourOrders,
		after: async () => {
			expect(ordersAtBroker()).toEqual([]);
			await stopped();
		},
	},
	{ procedure: 'start-trading' },
	{
		procedure: 'stop-everything',
		after: async () =>
			expect((await hostExec('docker ps -q --filter label=com.docker.compose.project=abstractfinance')).stdout).toBe(
				'',
			),
	},
	{ procedure: 'start-everything' },
	{ procedure: 'rollback-commit', inputs: commit, undone: true },
	{
		procedure: 'rollback-image',
		inputs: async () => [`image=${readLabInfo().goodImages.at(-2)}`],
		after: async () => {},
		undone: true,
	},
	{
		procedure: 'config-error',
		inputs: async () => [`source=file:${readLabInfo().goodCommits.at(-3)?.hash}:config/instruments.yaml`],
		undone: true,
	},
	{
		procedure: 'database-restore',
		inputs: async () => [
			`backup=${(await hostExec('ls backups/*.sql.gz | head -n 1')).stdout.trim()}`,
			...(await commit()),
		],
		undone: true,
	},
	{ procedure: 'failed-deployment', inputs: commit, undone: true },
	{ procedure: 'engine-crash', inputs: commit, undone: true },
];
/** The procedures for which a login, the place of the secrets and a detached HEAD make the greatest difference. */
const few = ['cancel-all-orders', 'start-trading', 'rollback-commit'];

type Row = readonly [Login, GoodState];
const short: readonly Row[] = [['owner', { secrets: 'dc', deployed: 'tag', mode: 'trading' }]];
const long: readonly Row[] = [
	['owner', { secrets: 'dc', deployed: 'tag', mode: 'trading' }],
	['owner', {}],
	['lab', { secrets: 'dc' }],
	['lab', { deployed: 'tag', mode: 'trading' }],
];
const named = ([login, state]: Row) =>
	`${login === 'lab' ? 'root' : 'owner'}, secrets in ${state.secrets ?? 'env'}, ${state.deployed ?? 'branch'}, ${state.mode ?? 'asleep'}`;

describe.skipIf(withoutLab)('each procedure, by each login, wherever the secrets are, and undone', () => {
	const row = (one: Row, steps: readonly Step[], tags: string[]) =>
		describe(named(one), { tags }, () => {
			const [login, state] = one;
			let place: Workplace;
			let first: string;
			beforeAll(async () => {
				await healLab(state);
				place = await sharedPlace();
				first = await wholeState();
			});
			afterAll(async () => {
				place?.remove();
				await healLab();
			});

			test.each(steps)('$procedure', async ({ procedure, inputs, before, after, undone, refusedToOwner }) => {
				before?.();
				const start = await wholeState();
				const run = await byLogin(place, login, procedure, await inputs?.());
				if (refusedToOwner !== undefined && login === 'owner') {
					expect(run.stdout + run.stderr).toMatch(refusedToOwner);
					expect(run.code).toBe(4);
					expect(await wholeState()).toBe(start);
					return;
				}
				expect(run.code, run.stdout + run.stderr).toBe(0);
				expect(run.stdout).toContain('done and verified');
				await (after ?? expectWell)();
				if (undone) {
					await undoLast(place, login);
					expect(await wholeState()).toBe(start);
				}
			});

			test('afterwards all is as it was, and the user’s own up changes nothing', async () => {
				await expectWell();
				expect((await wholeState()).replace(/^\?\? .*\n/gm, '')).toBe(first.replace(/^\?\? .*\n/gm, ''));
				expect(await changedByUp(readLabInfo())).toBe('');
			});
		});
	for (const one of short) {
		row(
			one,
			all.filter(({ procedure }) => few.includes(procedure)),
			[],
		);
	}
	for (const one of long) {
		row(one, all, ['long']);
	}
});

/** A fault, the procedure for it, the login and the place; and the result. */
interface Fault {
	readonly fault: FaultName;
	readonly procedure: string;
	readonly inputs?: readonly string[];
	readonly login: Login;
	readonly state?: GoodState;
	/** If it cannot be mended: the exit code and the message. */
	readonly fails?: { readonly code: number; readonly says: RegExp };
}

const dc: GoodState = { secrets: 'dc' };
const trading: GoodState = { mode: 'trading' };
const faults: readonly Fault[] = [
	{ fault: 'detached-tag', procedure: 'failed-deployment', login: 'owner', state: { secrets: 'dc', deployed: 'tag' } },
	{ fault: 'override-broken', procedure: 'failed-deployment', login: 'lab', state: dc },
	{ fault: 'half-recreated', procedure: 'failed-deployment', login: 'owner' },
	{ fault: 'crash-commit', procedure: 'engine-crash', login: 'owner', state: dc },
	{ fault: 'crash-in-run', procedure: 'engine-crash', login: 'owner', state: trading },
	{ fault: 'build-fails-commit', procedure: 'failed-deployment', login: 'owner', state: dc },
	{ fault: 'env-typo', procedure: 'config-error', inputs: ['source=.env.backup'], login: 'owner' },
	{
		fault: 'config-broken',
		procedure: 'config-error',
		inputs: ['source=file:HEAD:config/settings.yaml'],
		login: 'owner',
		state: dc,
	},
	{ fault: 'table-dropped', procedure: 'database-restore', login: 'owner', state: dc },
	{ fault: 'gateway-lost', procedure: 'gateway-restart', login: 'owner', state: { ...dc, ...trading } },
	{ fault: 'wrong-password', procedure: 'config-error', inputs: ['source=.env.backup'], login: 'owner' },
	{
		fault: 'two-factor',
		procedure: 'gateway-restart',
		login: 'owner',
		state: dc,
		fails: { code: 1, says: /waits for a second factor: confirm it in IBKR Mobile/ },
	},
	{ fault: 'client-id-in-use', procedure: 'gateway-restart', login: 'owner', state: trading },
];

describe.skipIf(withoutLab)('each fault is mended and undone, or nothing is changed', () => {
	let place: Workplace;
	beforeAll(async () => {
		await healLab();
		place = await sharedPlace();
	});
	afterAll(async () => {
		place?.remove();
		await healLab();
	});

	const mends = async ({ fault, procedure, inputs, login, state, fails }: Fault) => {
		await healLab(state);
		place.remove();
		place = await sharedPlace();
		await breakLab(fault);
		const broken = await wholeState();
		const run = await byLogin(place, login, procedure, inputs);
		expect(run.code, run.stdout + run.stderr).toBe(fails?.code ?? 0);
		if (fails !== undefined) {
			expect(run.stdout + run.stderr).toMatch(fails.says);
			expect(await wholeState()).toBe(broken);
			return;
		}
		await expectWell();
		expect(await changedByUp(readLabInfo())).toBe('');
		if (procedure !== 'gateway-restart') {
			await undoLast(place, login);
			expect(await wholeState()).toBe(broken);
		}
	};
	const title = '$fault: $procedure by $login';
	test.each(faults)(title, { tags: 'long' }, mends);

	test('doctor says to the owner which procedure is refused because cron makes the backups as root', async () => {
		await healLab();
		place.remove();
		place = await sharedPlace();
		const byOwner = await place.run('--target', 'owner', 'doctor');
		expect(byOwner.stdout).toMatch(
			/A backup can be added: warning: abstractfinance cannot write in \S*backups, which belongs to root/,
		);
		expect(byOwner.stdout).toContain('these procedures are refused: pre-deploy-checklist');
		const byRoot = await place.run('--target', 'lab', 'doctor');
		expect(byRoot.stdout).not.toContain('A backup can be added');
		expect(byRoot.stdout).toMatch(/Preconditions: (\d+) of \1 met/);
	});

	test('with the watchdog of the other server on, disabled trading stays disabled', { tags: 'long' }, async () => {
		await healLab({ secrets: 'dc', deployed: 'tag' });
		place.remove();
		place = await sharedPlace();
		await setWatchdog(true);
		const run = await byLogin(place, 'owner', 'disable-trading');
		expect(run.code, run.stdout + run.stderr).toBe(0);
		// Three failures, each after two seconds in the lab, and its restart.
		await hostExec('sleep 15');
		expect(await engine()).toBe('exited');
		await setWatchdog(false);
		await undoLast(place, 'owner');
		await expectWell();
	});
});
