import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { cancelAndReport } from '../../src/application/runs/cancelled.ts';
import { quote } from '../../src/runbook/shell-quote.ts';
import type { Host, SpawnOptions } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { startRun } from '../helpers/compose-runner.ts';
import { killSupervisor } from '../helpers/proc.ts';
import { withoutUsers } from '../helpers/without-users.ts';
import { type Deployment, finish, makeDeployment, step, untilOutput, who } from './fixture.ts';

const user = 'backout-ins-t';

/** This machine as a login of that user. */
class HostOfUser extends LocalHost {
	override spawn(command: string, options: SpawnOptions = {}) {
		return super.spawn(`exec runuser -u ${user} -- sh -c ${quote(command)}`, options);
	}
}

describe.skipIf(withoutUsers)('without root', () => {
	let deployment: Deployment;
	let host: Host;

	beforeAll(() => {
		spawnSync('userdel', ['-f', user]);
		execFileSync('useradd', ['--no-create-home', '--shell', '/bin/sh', '--user-group', user]);
	});
	afterAll(() => {
		spawnSync('userdel', ['-f', user]);
	});
	beforeEach(() => {
		deployment = makeDeployment();
		const root = dirname(deployment.directory);
		const bin = join(root, 'bin');
		mkdirSync(bin);
		// A docker whose containers belong to other users: nothing of what runs in them is to be seen.
		writeFileSync(join(bin, 'docker'), '#!/bin/sh\necho "here: $*"\ncase $* in *sleep*) exec sleep 1000 ;; esac\n');
		chmodSync(join(bin, 'docker'), 0o755);
		chmodSync(root, 0o755);
		execFileSync('chown', ['-R', `${user}:${user}`, deployment.directory]);
		mkdirSync(deployment.state);
		chmodSync(deployment.state, 0o700);
		execFileSync('chown', [`${user}:${user}`, deployment.state]);
		host = new HostOfUser({ env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, HOME: '/' }, home: '/' });
		return async () => {
			await host.close();
			execFileSync('rm', ['-rf', root]);
		};
	});

	const start = (scripts: readonly string[], timeoutSeconds = 60) =>
		startRun(host, {
			plan: deployment.plan(scripts.map((script, at) => step(`step-${at}`, script, { timeoutSeconds }))),
			who,
			reason: '',
			state: deployment.state,
			graceSeconds: 1,
		});
	const cancel = async (id: string, by: Host = host) => {
		const session = {
			host: by,
			target: { ...deployment.where, name: 'test', project: 'app' },
			readOnly: false,
			engine: { terms: { name: 'Docker' }, list: async () => [] },
		} as unknown as Session;
		return (await cancelAndReport(session, id)).lines.join('\n');
	};
	const mayRun = 'started inside containers may still be running: only root sees it there.';

	test.each([
		'docker exec db sh -c "sleep 1000"',
		'docker --context default container run --rm job sleep 1000',
		'docker compose -f x.yaml exec -T db sleep 1000',
	])('a cancel says that this may still be running in its container: %s', async (script) => {
		const { id } = await start([script]);
		await untilOutput(host, deployment.where, id, 'here');
		expect(await cancel(id)).toContain(mayRun);
		const { output } = await finish(host, deployment.where, id);
		expect(output).toMatch(new RegExp(`^here: .* -e backout_step=${id}/1/ `));
		expect(output).toContain(mayRun);
	});

	test('a cancel says nothing of it when the interrupted step has started nothing there', async () => {
		const { id } = await start(['docker exec db true', 'docker ps; echo ready; sleep 1000']);
		await untilOutput(host, deployment.where, id, 'ready');
		expect(await cancel(id)).not.toContain('inside containers');
	});

	test('a step that is out of time says it as well', async () => {
		const { id } = await start(['docker exec db sleep 1000'], 1);
		const { run, output } = await finish(host, deployment.where, id);
		expect(run.state).toBe('timed-out');
		expect(output).toContain(mayRun);
	});

	test('so does a cancel by root, as the supervisor is not root; where that is gone root sees for itself', async () => {
		const root = new LocalHost();
		onTestFinished(() => root.close());
		const { id } = await start(['docker exec db sleep 1000']);
		await untilOutput(host, deployment.where, id, 'here');
		expect(await cancel(id, root)).toContain(mayRun);
		const { id: next } = await start(['docker exec db sleep 1000']);
		await untilOutput(host, deployment.where, next, 'here');
		killSupervisor(next);
		expect(await cancel(next, root)).not.toContain(mayRun);
	});
});
