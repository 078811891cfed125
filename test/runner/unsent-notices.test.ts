import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { hostNotices, sendUnsentNotices } from '../../src/application/runs/channel-notices.ts';
import { channels as channelsSchema } from '../../src/runbook/channels/schema.ts';
import type { Plan } from '../../src/runbook/plan.ts';
import { lookAtChannels, lookAtChannelValues } from '../../src/services/doctor/channels.ts';
import { takeLocalValues } from '../../src/services/monitors/local-values.ts';
import { readRun, startRun } from '../helpers/compose-runner.ts';
import { serve, type TestServer } from '../helpers/http-server.ts';
import { type Deployment, eachDeployment, finish, localHost, step, untilOutput, who } from './fixture.ts';

const posted: { url: string; text: string }[] = [];
let server: TestServer;
let deployment: Deployment;
let host: Session['host'];
let status = 200;
const told: string[] = [];

beforeEach(async () => {
	posted.length = 0;
	told.length = 0;
	status = 200;
	server = await serve(async (request, response) => {
		let body = '';
		for await (const chunk of request) {
			body += chunk;
		}
		posted.push({ url: request.url ?? '', text: (JSON.parse(body) as { text: string }).text });
		response.writeHead(status).end();
	});
});
afterEach(() => server.close());

const tools =
	'sh true setsid mkfifo stat head tail grep sed date cat ls sort mkdir rmdir mv rm sleep id tr cut chown chmod chgrp seq wc env touch ln timeout du sync flock cksum fallocate truncate readlink dirname basename getent';

eachDeployment(
	(opened) => {
		({ deployment, host } = opened);
	},
	(made) => {
		// A host without curl and wget.
		const bin = join(dirname(made.directory), 'bin');
		mkdirSync(bin);
		for (const tool of tools.split(' ')) {
			const path = ['/usr/bin', '/bin', '/usr/sbin'].map((folder) => join(folder, tool)).find((one) => existsSync(one));
			symlinkSync(path ?? tool, join(bin, tool));
		}
		return localHost({ PATH: bin, HOME: '/tmp' });
	},
);

const session = (more: Partial<Session> = {}): Session => {
	const file = join(deployment.state, '..', 'url');
	writeFileSync(file, `${server.url}/from-a-file\n`);
	takeLocalValues('/nonexistent', { URL: `${server.url}/from-here` });
	return {
		host,
		target: { ...deployment.where, name: 'test' },
		readOnly: false,
		tell: (line: string) => told.push(line),
		channels: {
			lockHeldMs: 3_600_000,
			channels: channelsSchema().parse({
				here: { kind: 'slack', url: { env: 'URL' } },
				file: { kind: 'slack', url: { file } },
				other: { kind: 'slack', url: { env: 'NOT_SET' } },
			}),
		},
		...more,
	} as unknown as Session;
};
const start = (plan: Plan) =>
	startRun(host, { plan, who, reason: '', state: deployment.state, notify: hostNotices(session()) });
const notices = (id: string) => readFileSync(join(deployment.state, 'runs', id, 'notices'), 'utf8');
const hostGaveUp = (id: string) =>
	vi.waitFor(() => expect(notices(id).match(/^ended \S+ failed \d+ host /gm)).toHaveLength(3), { timeout: 20_000 });

test('whoever connects sends what the host could not, once', async () => {
	const { id } = await start(deployment.plan([step('a', 'exit 3')]));
	await finish(host, deployment.where, id);
	await hostGaveUp(id);
	expect(notices(id)).toContain('host the host has neither curl nor GNU wget');
	expect(notices(id)).toContain('host the host does not have its url');
	await Promise.all([sendUnsentNotices(session()), sendUnsentNotices(session())]);
	await sendUnsentNotices(session());
	expect(posted.map(({ url }) => url).sort()).toEqual(['/from-a-file', '/from-here']);
	expect(posted[0]?.text).toBe('test: Roll back the image: failed');
	expect(notices(id)).toMatch(/ended here sent \d+ \w+@\S+\n/);
	expect(told.filter((line) => !line.includes('NOT_SET is not set'))).toEqual([]);
	expect(told[0]).toContain('The channel other cannot be told: NOT_SET is not set on this machine');
});

test('a guard that acted is told by whoever connects when the host could not, with the words of the host', {
	tags: 'long',
}, async () => {
	const guard = {
		...{ procedure: 'Roll back', forSeconds: 9, graceSeconds: 0, intervalSeconds: 1, lastingSeconds: 2 },
		...{ checks: ['users'], notAsked: [] },
	};
	const acts = "fact guard_checks 'Users are served'; fact guard acts; exit 10";
	const steps = [step('watch', acts, { mayFail: true }), step('back', 'echo back')];
	const { id } = await start(deployment.plan(steps, { title: 'Guard', guard }));
	await finish(host, deployment.where, id);
	await hostGaveUp(id);
	await Promise.all([sendUnsentNotices(session()), sendUnsentNotices(session())]);
	const told = posted.map(({ text }) => text).filter((text) => text.includes('keep failing'));
	expect(told).toEqual(
		['', ''].map(() => 'test: Guard: the checks keep failing, so the guard rolls back (Users are served)'),
	);
});

test('a run whose supervisor was killed has an unknown outcome, which is told', async () => {
	const { id } = await start(deployment.plan([step('a', 'echo began $PPID; sleep 60')]));
	await untilOutput(host, deployment.where, id, 'began');
	await sendUnsentNotices(session());
	expect(posted).toEqual([]);
	const supervisor = execFileSync('sh', [
		'-c',
		'for p in /proc/[0-9]*; do [ "$(readlink "$p/cwd")" = "$1" ] && tr "\\0" " " <"$p/cmdline" | grep -q "supervisor.sh" && echo "${p##*/}"; done; true',
		'sh',
		join(deployment.state, 'runs', id),
	]);
	for (const pid of supervisor.toString().trim().split('\n')) {
		process.kill(Number(pid), 'SIGKILL');
	}
	await vi.waitFor(async () => expect((await readRun(host, deployment.where, id)).state).toBe('lost'), {
		timeout: 20_000,
	});
	await sendUnsentNotices(session());
	expect(posted.map(({ text }) => text)).toEqual([
		'test: Roll back the image: outcome unknown',
		'test: Roll back the image: outcome unknown',
	]);
});

test('a failure is one line and recorded, a read-only session sends nothing, and old news stays unsent', async () => {
	const { id } = await start(deployment.plan([step('a', 'true')]));
	await finish(host, deployment.where, id);
	await hostGaveUp(id);
	await sendUnsentNotices(session({ readOnly: true }));
	expect(posted).toEqual([]);
	status = 403;
	told.length = 0;
	await sendUnsentNotices(session());
	expect(told.sort()).toEqual([
		expect.stringMatching(/^The channel file was not told about run \S+: 127\.0\.0\.1:\d+ answered 403$/),
		expect.stringMatching(/^The channel here was not told about run \S+: 127\.0\.0\.1:\d+ answered 403$/),
	]);
	expect(notices(id)).toMatch(/ended here failed \d+ \S+@\S+ 127\.0\.0\.1:\d+ answered 403/);
	posted.length = 0;
	status = 200;
	const result = join(deployment.state, 'runs', id, 'result');
	writeFileSync(
		result,
		readFileSync(result, 'utf8').replace(/\d{13}/, (ms) => String(Number(ms) - 90_000_000)),
	);
	await sendUnsentNotices(session());
	expect(posted).toEqual([]);
	rmSync(result);
});

test('a run that nobody followed is told as not verified yet, and its verdict once when it comes', {
	// The host waits for those who may be about to follow it.
	tags: 'long',
}, async () => {
	const verification = { checks: ['a'], settleSeconds: 1, deadlineSeconds: 1 };
	const { id } = await start(deployment.plan([step('a', 'true')], { verification }));
	await finish(host, deployment.where, id);
	const folder = join(deployment.state, 'runs', id);
	const hostsWords = () => notices(id).match(/^ended \S+ failed \d+ host /gm);
	await vi.waitFor(() => expect(hostsWords()).toHaveLength(3), { timeout: 40_000 });
	// Two hours ago: whoever followed it would have verified it by now.
	const result = readFileSync(join(folder, 'result'), 'utf8');
	writeFileSync(
		join(folder, 'result'),
		result.replace(/\d{13}/, (ms) => String(Number(ms) - 7_200_000)),
	);
	await sendUnsentNotices(session());
	expect(posted.map(({ text }) => text)).toEqual(
		Array(2).fill('test: Roll back the image: steps done, not verified yet'),
	);
	await sendUnsentNotices(session());
	expect(posted).toHaveLength(2);
	const verdict = { verdict: 'passed', at: 1, by: who, reason: 'all checks passed', checks: [] };
	writeFileSync(join(folder, 'verdicts'), `${JSON.stringify(verdict)}\n`);
	await Promise.all([sendUnsentNotices(session()), sendUnsentNotices(session())]);
	await sendUnsentNotices(session());
	expect(posted.slice(2).map(({ text }) => text)).toEqual(
		Array(2).fill('test: Roll back the image: verified now (all checks passed)'),
	);
});

test('a run that waits, and holds the lock for long, is told when the host cannot', { tags: 'long' }, async () => {
	const asks = step('ask', '', { kind: 'manual', title: 'Look at it', text: 'Look.' });
	const { id } = await start(deployment.plan([asks]));
	await untilOutput(host, deployment.where, id, 'Look.');
	await vi.waitFor(() => expect(notices(id).match(/^waiting-1 \S+ failed /gm)).toHaveLength(3), { timeout: 20_000 });
	const folder = join(deployment.state, 'runs', id);
	// Two hours ago.
	for (const name of ['started', 'records']) {
		const text = readFileSync(join(folder, name), 'utf8');
		writeFileSync(
			join(folder, name),
			text.replace(/\d{13}/, (ms) => String(Number(ms) - 7_200_000)),
		);
	}
	await sendUnsentNotices(session());
	expect(posted.map(({ text }) => text).sort()).toEqual([
		'test: Roll back the image: has held the lock for 1h',
		'test: Roll back the image: has held the lock for 1h',
		'test: Roll back the image: waits for you (Look at it)',
		'test: Roll back the image: waits for you (Look at it)',
	]);
	writeFileSync(join(folder, 'answer.1'), `gave-up ${Date.now()} {}\nno\n`);
	await finish(host, deployment.where, id);
});

test('doctor says what channels lack, here and on the host', async () => {
	const { channels = { channels: [] } } = session();
	expect(lookAtChannelValues(channels.channels)).toMatchObject([
		{ state: 'warn', found: expect.stringContaining('not set: NOT_SET;') },
	]);
	expect(await lookAtChannels(host, channels.channels)).toMatchObject([
		{ state: 'warn', found: expect.stringContaining('neither curl nor GNU Wget') },
	]);
	const whole = localHost();
	expect(await lookAtChannels(whole, channels.channels)).toMatchObject([
		{ state: 'ok', found: expect.stringMatching(/^sent by (curl|wget): here, file, other$/) },
	]);
	rmSync(join(deployment.state, '..', 'url'));
	expect(await lookAtChannels(whole, channels.channels)).toMatchObject([
		{ state: 'warn', found: `this login cannot read ${join(deployment.state, '..', 'url')}` },
	]);
	expect(await lookAtChannels(whole, [])).toEqual([]);
	await whole.close();
});
