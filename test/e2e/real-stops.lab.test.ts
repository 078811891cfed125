import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { breakLab, healLab, hostExec, ordersAtBroker, readLabInfo, setWatchdog } from '../lab/index.ts';
import { createWorkplace, type Workplace, withoutLab } from './backout.ts';

const out = async (script: string) => (await hostExec(script)).stdout.trim();

/** Id, state and restart policy of one container, and its networks. */
const engineNow = () =>
	out(
		`docker inspect --format '{{.Id}} {{.State.Status}} {{.HostConfig.RestartPolicy.Name}}{{range $n, $_ := .NetworkSettings.Networks}} {{$n}}{{end}}' trading-engine`,
	);
const policies = () =>
	out(
		`docker inspect --format '{{.Name}} {{.HostConfig.RestartPolicy.Name}}' $(docker ps -aq --filter label=com.docker.compose.project=abstractfinance) | sort`,
	);
const running = () =>
	out(`docker ps --filter label=com.docker.compose.project=abstractfinance --format '{{.Names}}' | sort`);

const sure = ['--confirm', 'lab', '--reason', 'drill'];
const agreed = ['--yes', '--reason', 'drill'];

/** Each way in which somebody else may start the engine again, also by a container made anew; all must fail. */
const everybodyTries = `
files='-f docker-compose.yml -f docker-compose.staging.yml'
for try in 'docker start trading-engine' 'docker restart trading-engine' \
	'docker compose restart trading-engine' "docker compose $files up -d trading-engine" \
	"docker compose $files start trading-engine" "docker compose $files up -d --no-deps trading-engine" \
	"docker compose $files up -d --force-recreate trading-engine" 'docker compose up -d --no-deps --build trading-engine'; do
	$try >/dev/null 2>&1 && echo "worked: $try"
done
docker inspect --format '{{.State.Status}}' trading-engine`;

describe.skipIf(withoutLab)('on the real server, stopped means stopped', () => {
	let place: Workplace;

	beforeAll(async () => {
		await healLab();
		place = createWorkplace(readLabInfo());
		place.write(
			'quick.yaml',
			'extends: abstractfinance\nvariables: { stopped_watch: 4 }\nverification: { settle: 6s, deadline: 2m }\n',
		);
	});
	afterEach(async () => {
		await setWatchdog(false);
		await healLab();
	});
	afterAll(() => place?.remove());

	test('nobody starts the engine again, and start-trading brings back the same container', async () => {
		const before = await engineNow();
		const stopped = await place.run('run', 'disable-trading', ...agreed);
		expect(stopped.code, stopped.stdout).toBe(0);
		expect(await out(everybodyTries)).toBe('exited');
		const started = await place.run('run', 'start-trading', ...agreed);
		expect(started.code, started.stdout).toBe(0);
		expect(await engineNow()).toBe(before);
	});

	test('the plan names who would start it again, without being asked', async () => {
		const plan = await place.run('plan', 'disable-trading');
		expect(plan.stdout).toMatch(/Docker, by restart policy: .*trading-engine/);
		expect(plan.stdout).toMatch(/a container that restarts others: autoheal/);
		expect(plan.stdout).toMatch(/cron: \/etc\/cron\.d\//);
		expect(plan.stdout).toMatch(/as the runbook says: .*cross-monitor/);
	});

	test('all orders of all clients are cancelled while the other server restarts the gateway', {
		tags: 'long',
	}, async () => {
		await breakLab('orders-open');
		await setWatchdog(true);
		const run = await place.run('run', 'cancel-all-orders', ...sure);
		expect(run.code, run.stdout).toBe(0);
		expect(run.stdout).toMatch(/open orders, over all clients: 4/);
		expect(ordersAtBroker()).toEqual([]);
		expect(await engineNow()).toMatch(/ exited no .*held-by-backout/);
	});

	test('they are cancelled as well when the gateway loses the session in the middle of it', {
		tags: 'long',
	}, async () => {
		await breakLab('orders-open');
		await breakLab('session-lost');
		const run = await place.run('run', 'cancel-all-orders', ...sure);
		expect(run.code, run.stdout).toBe(0);
		expect(run.stdout).toMatch(/the gateway did not do it: .*\n.*asking it again for 200 s/);
		expect(run.stdout).toMatch(/open orders now, over all clients: 0/);
		expect(ordersAtBroker()).toEqual([]);
	});

	test('with the client ids of others in use, and .env that does not parse, they are cancelled as well', {
		tags: 'long',
	}, async () => {
		await breakLab('orders-open');
		await hostExec(`printf '"\\n' >>.env`);
		const run = await place.run('run', 'cancel-all-orders', ...sure);
		expect(run.code, run.stdout).toBe(0);
		expect(ordersAtBroker()).toEqual([]);
	});

	test('without a gateway none is said to be cancelled, and the engine stays stopped', { tags: 'long' }, async () => {
		await breakLab('orders-open');
		await hostExec('docker stop -t 1 ibgateway');
		const run = await place.run('run', 'cancel-all-orders', ...sure);
		expect(run.code, run.stdout).toBe(1);
		expect(run.stdout).toMatch(/NOT CANCELLED: ibgateway is exited/);
		expect(run.stdout).not.toMatch(/No order of any client is open/);
		expect(ordersAtBroker()).toHaveLength(4);
		expect(await out(everybodyTries)).toBe('exited');
	});

	// Four runs one after the other.
	test('stop-everything keeps all down; start-everything and undo put every policy back', {
		timeout: 600_000,
		tags: 'long',
	}, async () => {
		const before = await policies();
		const stopped = await place.run('run', 'stop-everything', ...sure);
		expect(stopped.code, stopped.stdout).toBe(0);
		expect(await running()).toBe('');
		expect(await policies()).not.toMatch(/always/);
		await hostExec('docker compose -f docker-compose.yml -f docker-compose.staging.yml up -d; true');
		expect(await running()).toBe('');
		const started = await place.run('run', 'start-everything', ...agreed);
		expect(started.code, started.stdout).toBe(0);
		expect(await policies()).toBe(before);
		expect((await place.run('run', 'stop-everything', ...sure)).code).toBe(0);
		const undone = await place.run('undo', 'last', ...sure);
		expect(undone.code, undone.stdout).toBe(0);
		expect(await policies()).toBe(before);
		expect((await running()).split('\n')).toHaveLength(10);
	});
});
