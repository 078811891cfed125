import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { answerInWords, type Operator, type Run, waitsFor } from '../../src/runbook/run.ts';
import type { Host } from '../../src/services/host/host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { approveRun } from '../../src/services/runner/runner.ts';
import { completeStep, followRun, listRuns, readRun, startRun } from '../helpers/compose-runner.ts';
import { makeKey, publicKey, type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';
import { type Deployment, eachDeployment, finish, localHost, makeDeployment, step, who } from './fixture.ts';
import { describeShells, hostWithShell, type Shell } from './shells.ts';

// Whoever runs the tests over SSH has a key, too.
vi.stubEnv('SSH_CONNECTION', undefined);
vi.stubEnv('SSH_USER_AUTH', undefined);

const steps = (timeoutSeconds = 600) => [
	step('approval', '', {
		kind: 'approval',
		text: 'Another operator must approve this plan: backout approve RUN',
		timeoutSeconds,
	}),
	step('change', 'echo changed'),
];
const ben: Operator = { user: 'ben', machine: 'desk' };

/** Starts a run on a host that waits for an approval. */
const start = async (host: Host, deployment: Deployment, timeoutSeconds?: number): Promise<Run> => {
	const plan = deployment.plan(steps(timeoutSeconds), { risk: 'destructive' });
	const { id } = await startRun(host, { plan, who, reason: 'r', state: deployment.state, graceSeconds: 1 });
	const enough = new AbortController();
	let found: Run | undefined;
	await followRun(host, deployment.where, id, {
		signal: enough.signal,
		onRun: (run) => {
			if (waitsFor(run) !== undefined) {
				found = run;
				enough.abort();
			}
		},
	}).catch(() => {});
	return found ?? (await readRun(host, deployment.where, id));
};

const approve = (host: Host, deployment: Deployment, run: Run, by: Operator, planHash = run.planHash ?? '') =>
	approveRun(host, deployment.where, run.id, { step: 1, planHash, who: by, reason: 'read it' });

const anApproval = (shell: Shell) => {
	let deployment: Deployment;
	let host: Host;
	eachDeployment(
		(opened) => {
			({ deployment, host } = opened);
		},
		(made) => hostWithShell(shell, made),
	);

	test('without SSH nothing proves who it is: another claimed name approves, and the run says what that is worth', async () => {
		const run = await start(host, deployment);
		const file = readFileSync(join(deployment.state, 'runs', run.id, 'plan.json'));
		expect(run.planHash).toBe(createHash('sha256').update(file).digest('hex'));
		expect(waitsFor(run)).toMatchObject({
			approval: true,
			text: `Plan ${run.planHash?.slice(0, 12)}: Another operator must approve this plan: backout approve ${run.id}`,
		});
		expect((await listRuns(host, deployment.where))[0]?.waits).toContain(`Plan ${run.planHash?.slice(0, 12)}`);
		await expect(approve(host, deployment, run, who)).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining('started with the same name, ana@laptop'),
		});
		expect(await approve(host, deployment, run, ben)).toBe('names');
		const { run: ended, output } = await finish(host, deployment.where, run.id);
		expect(ended.state).toBe('succeeded');
		expect(ended.steps[0]?.answer).toMatchObject({
			answer: 'approved',
			who: ben,
			reason: 'read it',
			approval: { basis: 'names' },
		});
		expect(output).toContain('approved, says ben@desk: read it; it rests on the claimed names only');
		expect(output).toContain('changed');
	});

	test('another plan than the one that was shown, and an answer that nobody checked, approve nothing', async () => {
		const run = await start(host, deployment);
		await expect(approve(host, deployment, run, ben, 'ab'.repeat(32))).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining('is not the one that was shown'),
		});
		expect((await readRun(host, deployment.where, run.id)).state).toBe('running');
		// As an older client would answer.
		await completeStep(host, deployment.where, run.id, { step: 1, answer: 'done', who: ben, reason: '' });
		const { run: ended, output } = await finish(host, deployment.where, run.id);
		expect(ended.state).toBe('failed');
		expect(output).not.toContain('changed');
	});

	test('it lapses: nothing of the plan runs, and later nobody can approve it', async () => {
		const run = await start(host, deployment, 2);
		const { run: ended, output } = await finish(host, deployment.where, run.id);
		expect(ended.steps.map(({ state }) => state)).toEqual(['timed-out', 'skipped']);
		expect(output).not.toContain('changed');
		await expect(approve(host, deployment, run, ben)).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining('no longer waits'),
		});
	});
};

describeShells('an approval under %s', anApproval, ['dash']);

describe.skipIf(sshdMissing())('over a real sshd', () => {
	const servers: Sshd[] = [];
	const hosts: Host[] = [];
	let deployment: Deployment;
	beforeAll(() => {
		deployment = makeDeployment();
	});
	afterAll(async () => {
		await Promise.all(hosts.map((host) => host.close()));
		await Promise.all(servers.map((server) => server.stop()));
		deployment.remove();
	});

	const connect = (sshd: Sshd, identityFile: string): Host => {
		const host = openHost(
			{ host: sshd.destination, ssh: { knownHosts: sshd.knownHosts, identityFile } },
			{ env: { PATH: process.env.PATH }, home: sshd.home },
		);
		hosts.push(host);
		return host;
	};
	const fingerprint = async (key: string): Promise<string> =>
		`SHA256:${createHash('sha256')
			.update(Buffer.from((await publicKey(key)).split(' ')[1] ?? '', 'base64'))
			.digest('base64')
			.replace(/=+$/, '')}`;

	test('with ExposeAuthInfo the key is the proof, not the name that is claimed', async () => {
		const sshd = await startSshd(['ExposeAuthInfo yes']);
		servers.push(sshd);
		const other = makeKey(sshd.folder, 'other');
		await sshd.authorise(other);
		const [first, second] = [connect(sshd, sshd.identity), connect(sshd, other)];
		const run = await start(first, deployment);
		await expect(approve(first, deployment, run, ben)).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining(`started with the same SSH key, ${await fingerprint(sshd.identity)}`),
		});
		expect(await approve(second, deployment, run, who)).toBe('keys');
		const { run: ended } = await finish(first, deployment.where, run.id);
		const answer = ended.steps[0]?.answer;
		expect(answer?.approval).toMatchObject({
			proof: 'auth-info',
			by: { account: sshd.user, key: await fingerprint(other) },
			starter: { account: sshd.user, key: await fingerprint(sshd.identity) },
		});
		expect(answer === undefined ? '' : answerInWords(answer)).toBe(
			`approved, resting on their SSH keys: ${await fingerprint(other)} approved, ${await fingerprint(sshd.identity)} started it`,
		);
	});

	test("without it, sshd's log says which key logged in; nothing that a client wrote into it counts", async () => {
		const folder = join(deployment.directory, '..', 'bin');
		mkdirSync(folder);
		const log = join(folder, 'log');
		// What journald would have of this sshd.
		writeFileSync(join(folder, 'journalctl'), `#!/bin/sh\ncat '${log}'\n`);
		chmodSync(join(folder, 'journalctl'), 0o755);
		const sshd = await startSshd([`SetEnv SHLVL=1 PATH=${folder}:${process.env.PATH}`]);
		servers.push(sshd);
		const other = makeKey(sshd.folder, 'other');
		await sshd.authorise(other);
		const [first, second] = [connect(sshd, sshd.identity), connect(sshd, other)];
		await Promise.all([first.ready(), second.ready()]);
		const forged = sshd
			.log()
			.split('\n')
			.filter((line) => line.startsWith('Accepted publickey'))
			.map((line) => `Invalid user x ${line.replace(/SHA256:\S+/, 'SHA256:forged')}`);
		writeFileSync(log, `${sshd.log()}\n${forged.join('\n')}\n`);
		const run = await start(first, deployment);
		await expect(approve(first, deployment, run, ben)).rejects.toMatchObject({
			message: expect.stringContaining(`the same SSH key, ${await fingerprint(sshd.identity)}`),
		});
		expect(await approve(second, deployment, run, ben)).toBe('keys');
		const { run: ended } = await finish(first, deployment.where, run.id);
		expect(ended.steps[0]?.answer?.approval).toMatchObject({
			proof: 'sshd-log',
			by: { key: await fingerprint(other) },
			starter: { key: await fingerprint(sshd.identity) },
		});
	});

	test('two certificates with one key id are one operator, whatever the keys; another id is another', async () => {
		const folder = join(deployment.directory, '..', 'certificates');
		mkdirSync(folder);
		const authority = makeKey(folder, 'ca');
		/** A session for which sshd has written down this certificate, as it does with ExposeAuthInfo. */
		const session = async (name: string, id: string): Promise<Host> => {
			const key = makeKey(folder, name);
			execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', id, '-n', 'root', `${key}.pub`]);
			const file = join(folder, `${name}.auth`);
			writeFileSync(file, `publickey ${await publicKey(`${key}-cert`)}\n`);
			const host = localHost({ PATH: process.env.PATH ?? '', SSH_USER_AUTH: file });
			hosts.push(host);
			return host;
		};
		const [laptop, phone, other] = [
			await session('laptop', 'mara@corp "1"'),
			await session('phone', 'mara@corp "1"'),
			await session('other', 'ben@corp'),
		];
		const run = await start(laptop, deployment);
		await expect(approve(phone, deployment, run, ben)).rejects.toMatchObject({
			message: expect.stringContaining('started with the same certificate, mara@corp 1'),
		});
		expect(await approve(other, deployment, run, ben)).toBe('keys');
		const { run: ended } = await finish(laptop, deployment.where, run.id);
		expect(ended.steps[0]?.answer?.approval).toMatchObject({
			by: { certificate: 'ben@corp' },
			starter: { certificate: 'mara@corp 1' },
		});
	});

	test('whoever connects without SSH to the same account proves nothing', async () => {
		const sshd = await startSshd(['ExposeAuthInfo yes']);
		servers.push(sshd);
		const run = await start(connect(sshd, sshd.identity), deployment);
		const local = localHost({ PATH: process.env.PATH ?? '' });
		hosts.push(local);
		expect(await approve(local, deployment, run, ben)).toBe('names');
		await finish(local, deployment.where, run.id);
	});
});
