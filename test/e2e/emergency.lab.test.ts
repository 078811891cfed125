import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../lab/compose.ts';
import {
	breakLab,
	type FaultName,
	healLab,
	hostExec,
	type LabInfo,
	openFourOrders,
	ordersAtBroker,
	readLabInfo,
} from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';

const out = async (script: string) => (await hostExec(script)).stdout.trim();

/** Docker's state of each service, by the host itself: also where Compose cannot read anything. */
const states = async (): Promise<Record<string, string>> =>
	Object.fromEntries(
		(
			await out(
				`docker ps -a --filter label=com.docker.compose.project=abstractfinance --format '{{.Label "com.docker.compose.service"}} {{.State}}'`,
			)
		)
			.split('\n')
			.map((line) => line.split(' ')),
	);
const all = (state: string) => Object.fromEntries(services.map((name) => [name, state]));
const allStopped = all('exited');
const onlyEngineStopped = { ...all('running'), 'trading-engine': 'exited' };

/** Reads the broker's own record, for all clients. */
const openOrders = () => ordersAtBroker();

/** Reads everything that an emergency stop must not touch. */
const rest = () =>
	out(
		`git rev-parse HEAD; git status --porcelain; sha256sum .env; docker ps -aq --no-trunc --filter label=com.docker.compose.project=abstractfinance | sort`,
	);

const sure = ['--confirm', 'lab', '--reason', 'drill'];

describe.skipIf(withoutLab)('emergency stops', () => {
	let info: LabInfo;
	let place: Workplace;

	beforeAll(async () => {
		await healLab();
		info = readLabInfo();
		place = createWorkplace(info, { runbook: './quick.yaml' });
		place.write(
			'quick.yaml',
			'extends: abstractfinance\ntitle: Quick\nvariables: { settle: 4s, stopped_watch: 3 }\nverification: { deadline: 90s }\n',
		);
	});
	afterEach(() => healLab());
	afterAll(() => place?.remove());

	const cancels = async (fault: FaultName | 'nothing') => {
		if (fault !== 'nothing') {
			await breakLab(fault);
		}
		openFourOrders();
		const before = await rest();
		const run = await place.run('run', 'cancel-all-orders', ...sure);
		expect(run.stderr).toBe('');
		expect(run.code).toBe(0);
		expect(openOrders()).toEqual([]);
		expect(await states()).toEqual(onlyEngineStopped);
		expect(run.stdout).toContain('open orders, over all clients: 4');
		expect(run.stdout).toContain('open orders now, over all clients: 0');
		expect(run.stdout).toContain('POSITIONS ARE NOT FLATTENED');
		expect(await rest()).toBe(before);
	};
	// Others, .env that does not parse, and what the short form has of them are in real-stops.lab.test.ts.
	test.each<FaultName | 'nothing'>(['nothing', 'crash-commit', 'engine-stopped'])(
		'cancel-all-orders with %s: the engine is stopped, no order is open, positions are said to stand',
		{ tags: 'long' },
		cancels,
	);

	const doesNotCancel = async (fault: FaultName) => {
		await breakLab(fault);
		openFourOrders();
		const run = await place.run('run', 'cancel-all-orders', ...sure);
		expect(run.code).toBe(1);
		expect(run.stdout).toContain('NOT CANCELLED: ');
		expect(run.stdout).toContain('The engine is stopped and stays stopped');
		expect(run.stdout).toContain('Positions are NOT flattened');
		// Where to get help.
		expect(run.stdout).toMatch(/Grafana: http:/);
		expect(run.stdout).toContain('docker logs --tail 200 trading-engine');
		expect(run.stdout).toContain('FAILOVER.md');
		expect(run.stdout).toMatch(/^ {2}(Alert \S+ .*since |No alert fires)/m);
		expect(run.stdout).not.toMatch(/No order .*is open any more/);
		expect((await states())['trading-engine']).toBe('exited');
		expect(openOrders().length).toBeGreaterThan(0);
		// Something unknown is not reported as none.
		const plan = await place.run('plan', 'stop-everything');
		expect(plan.stdout).toMatch(/Open orders\n +unknown: the gateway does not answer: \S/);
	};
	// The short form has it without a gateway (real-stops.lab.test.ts).
	test.each<FaultName>(['gateway-lost'])(
		'cancel-all-orders with %s fails loudly, and the engine stays stopped',
		{ tags: 'long' },
		doesNotCancel,
	);

	test('cancel-all-orders works by an older image when the client of the one that runs is broken', {
		tags: 'long',
	}, async () => {
		openFourOrders();
		await hostExec(
			`printf 'FROM abstractfinance-trading-engine:latest\\nUSER root\\nRUN echo "import nothing_of_that_name" >/usr/lib/python3/dist-packages/ib_insync/__init__.py\\nUSER appuser\\n' | DOCKER_BUILDKIT=0 docker build -q -t abstractfinance-trading-engine:latest - && compose up -d --no-deps --no-build trading-engine`,
		);
		const run = await place.run('run', 'cancel-all-orders', ...sure);
		expect(run.stdout).toContain('this image has no ib_insync that works: ');
		expect(run.code).toBe(0);
		expect(openOrders()).toEqual([]);
	});

	test('a destructive stop needs the name of the target and a reason', async () => {
		const before = await states();
		for (const procedure of ['cancel-all-orders', 'stop-everything']) {
			const unnamed = await place.run('run', procedure, '--yes', '--reason', 'drill');
			expect(unnamed.code).toBe(4);
			const unexplained = await place.run('run', procedure, '--confirm', 'lab');
			expect(unexplained.code).toBe(4);
		}
		expect(await states()).toEqual(before);
	});

	const stops = async (fault: FaultName | 'nothing') => {
		if (fault !== 'nothing') {
			await breakLab(fault);
		}
		const before = await rest();
		const run = await place.run('run', 'stop-everything', ...sure);
		expect(run.stderr).toBe('');
		expect(run.code).toBe(0);
		expect(await states()).toEqual(allStopped);
		expect(run.stdout).toContain('Open orders stay open at the broker');
		expect(await out('docker logs --tail 5 trading-engine 2>&1')).not.toBe('');
		const again = await place.run('run', 'stop-everything', ...sure);
		expect(again.stdout).toContain('everything is stopped already');
		expect(again.code).toBe(0);
		expect(await rest()).toBe(before);
	};
	test.each<FaultName | 'nothing'>(['nothing'])(
		'stop-everything with %s: all is stopped and kept; a second time it says so',
		stops,
	);
	test.each<FaultName | 'nothing'>(['env-unreadable'])(
		'stop-everything with %s: all is stopped and kept; a second time it says so',
		{ tags: 'long' },
		stops,
	);

	const disables = async (fault: FaultName) => {
		await breakLab(fault);
		const before = await rest();
		const plan = await place.run('plan', 'disable-trading');
		expect(plan.stdout).toMatch(/Open orders\n +open at the broker, over all clients: 0/);
		const run = await place.run('run', 'disable-trading', '--yes');
		expect(run.stderr).toBe('');
		expect(run.code).toBe(0);
		expect(await states()).toEqual(onlyEngineStopped);
		const again = await place.run('run', 'disable-trading', '--yes');
		expect(again.stdout).toContain('stopped already');
		expect(again.code).toBe(0);
		expect(await rest()).toBe(before);
		if (fault === 'env-unreadable') {
			const started = await place.run('run', 'start-trading', '--yes');
			expect((await states())['trading-engine']).toBe('running');
			// It runs; the message about unreadable settings comes all the same.
			expect(started.stdout).toMatch(/Compose file cannot be read/);
			expect(started.code).toBe(5);
		}
	};
	test.each<FaultName>(['env-unreadable', 'crash-commit'])(
		'disable-trading with %s: the engine is really stopped, monitoring stays up; start-trading starts the same engine',
		{ tags: 'long' },
		disables,
	);

	test('disable-trading holds against the restart policy, and undo puts the one back that it had', {
		tags: 'long',
	}, async () => {
		await hostExec('docker update --restart on-failure:7 trading-engine');
		const policy = `docker inspect --format '{{.HostConfig.RestartPolicy.Name}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}} {{.State.Status}}' trading-engine`;
		const run = await place.run('run', 'disable-trading', '--yes');
		expect(run.code, run.stdout).toBe(0);
		expect(await out(policy)).toBe('no:0 exited');
		const undone = await place.run('undo', 'last', '--yes');
		expect(undone.code, undone.stdout + undone.stderr).toBe(0);
		expect(await out(policy)).toBe('on-failure:7 running');
	});
});
