import { beforeEach, expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { undoPlan } from '../../src/application/restore/undo.ts';
import type { RunSummary } from '../../src/runbook/run.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import type { Host } from '../../src/services/host/host.ts';
import { restorePointStep, startRun } from '../helpers/compose-runner.ts';
import { watchedCompose } from '../helpers/watched-compose.ts';
import { type Deployment, eachDeployment, finish, plainHost, step, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;

eachDeployment((opened) => {
	({ deployment, host } = opened);
}, plainHost);
beforeEach(() => {
	deployment.git('init', '-q', '-b', 'main');
	deployment.write('app.txt', 'one\n');
	deployment.git('add', '.');
	deployment.git('commit', '-q', '-m', 'one');
	deployment.write('app.txt', 'two\n');
	deployment.git('commit', '-q', '-a', '-m', 'two');
});

test('an undo notes later runs on other hosts of the target, and the hosts whose runs are missing', async () => {
	const { directory, state } = deployment;
	const runbook = { variables: {}, checks: [], verification: { checks: [], settleMs: 0, deadlineMs: 0 } };
	const target = { name: 'test', host: 'local', directory, state, project: 'app', readOnly: false, ssh: {}, runbook };
	const there: RunSummary = {
		id: '20990101T000000Z-abcdef',
		procedure: 'rollback-image',
		title: 'Roll back',
		who,
		reason: '',
		startedAt: Date.UTC(2099, 0),
		state: 'succeeded',
	};
	const others = {
		ask: async () => ({
			read: [{ host: 'ops@m2', value: [there] }],
			missing: [{ host: 'ops@m3', reason: 'connection refused' }],
		}),
	};
	const session = {
		target,
		...watchedCompose(host, target as unknown as Target),
		others,
		readOnly: false,
		close: () => host.close(),
	} as unknown as Session;
	const plan = deployment.plan([restorePointStep(), step('change', 'git reset -q --hard HEAD~1')]);
	const { id } = await startRun(host, { plan, who, reason: '', state });
	const { run, output } = await finish(host, deployment.where, id);
	expect(run.state, output).toBe('succeeded');
	const notes = (await undoPlan(session, id)).notes.join('\n');
	expect(notes).toContain(`1 later run (rollback-image ${there.id} on ops@m2)`);
	expect(notes).toContain('not read are the runs of ops@m3 (connection refused)');
});
