import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Channel, fillTemplate } from '../../src/runbook/channels/channel.ts';
import { channels as channelsSchema } from '../../src/runbook/channels/schema.ts';
import type { Plan } from '../../src/runbook/plan.ts';
import type { Host } from '../../src/services/host/host.ts';
import type { HostNotices } from '../../src/services/runner/client/notice-files.ts';
import noticeText from '../../src/services/runner/host/notice-text.sh';
import { startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, step, untilOutput, who } from './fixture.ts';
import { StandIn } from './notice-stand-in.ts';
import { describeShells, hostWithShell, ignoresPath, type Shell, shellMissing, shellPath, shells } from './shells.ts';

let standIn: StandIn;
beforeEach(async () => {
	standIn = new StandIn();
	await standIn.open();
});
afterEach(() => standIn.server?.close());

const build = (entries: object): readonly Channel[] => channelsSchema().parse(entries) ?? [];

const hostile = [
	'plain',
	`it's "quoted" \\ back\\\\slash $(id) \`id\` %s %% & <b> @text@ #verdict# @ # @x`,
	'two\nlines\r\n\ttab\u0001\u001b\u007f end',
	'ünïcødé 日本語 🚀',
	'',
	'*?[a]~!',
];

describe.each(shells.filter((shell) => shellMissing(shell) === undefined))('templates under %s', (shell: Shell) => {
	test.each(hostile)('give JSON whatever the text is: %j', (text) => {
		const script = `${noticeText}
notice_text=$1 notice_verdict=null channel_entities=$3 notify_secrets="$4" channel_name=one channel_files=
fill "$2" json
printf '%s' "$filled"`;
		const template = JSON.stringify({ a: ['@text@', 'x @text@@text@ y@', '#'], b: '@key@', c: '#verdict#' }).replace(
			'"#verdict#"',
			'#verdict#',
		);
		for (const entities of [false, true]) {
			const key = text.split('\n')[0] ?? '';
			const words = [
				...(shell === 'busybox' ? ['sh'] : []),
				...['-c', script, 'sh', text, template, entities ? '1' : '', `two key no\none key ${key}\nthree key no`],
			];
			const { stdout } = spawnSync(shellPath(shell), words, { encoding: 'utf8' });
			const expected = fillTemplate(template, { text, verdict: 'null', key }, { json: true, entities });
			expect(JSON.parse(stdout)).toEqual(JSON.parse(expected));
		}
	});
});

describeShells(
	'notices of a run under %s',
	(shell) => {
		// The host with busybox has wget, the others curl.
		const sender =
			shell === 'busybox' && shellMissing(shell) === undefined && ignoresPath(shell, 'wget') === undefined
				? 'wget'
				: 'curl';
		const isLong = shell === 'dash' ? {} : { tags: 'long' };
		let deployment: Deployment;
		let host: Host;
		eachDeployment(
			(opened) => {
				({ deployment, host } = opened);
			},
			(made) => {
				const local = hostWithShell(shell, made);
				// Notes its arguments, which every user of the host may see.
				const program = join(dirname(made.directory), 'bin', sender);
				writeFileSync(
					program,
					`#!/bin/sh\nprintf '%s\\n' "$@" >>'${dirname(made.directory)}/arguments'\nexec /usr/bin/${sender} "$@"\n`,
					{ mode: 0o755 },
				);
				return local;
			},
		);

		const start = (
			entries: object,
			more: Partial<HostNotices> = {},
			plan: Plan = deployment.plan([step('a', 'true')]),
		) =>
			startRun(host, {
				...{ plan, who, reason: '', state: deployment.state },
				notify: {
					channels: build(entries),
					secrets: {},
					lockHeldMs: 3_600_000,
					pauses: [0, 0],
					limitSeconds: 2,
					...more,
				},
			});
		/** The record of the run's notices, once there is a line like this. */
		const record = (id: string, line: RegExp): Promise<string> =>
			vi.waitFor(
				() => {
					const text = readFileSync(join(deployment.state, 'runs', id, 'notices'), 'utf8');
					expect(text).toMatch(line);
					return text.replaceAll(/ \d{13} /g, ' MS ');
				},
				{ timeout: 25_000, interval: 50 },
			);
		const hook = { hook: { kind: 'webhook', url: { env: 'URL' } } };
		const hookUrl = (path = '/t0ken') => ({ secrets: { hook: { url: `${standIn.url}${path}` } } });

		test('the end is told through every kind of channel, in the form of each service', async () => {
			const file = join(deployment.state, '..', 'token');
			writeFileSync(file, 'from-a-file\nsecond line\n');
			const mail = join(deployment.state, '..', 'mail');
			const env = (name: string) => ({ env: name });
			const { url } = standIn;
			const entries = {
				hook: { kind: 'webhook', url: env('A') },
				slack: { kind: 'slack', url: env('A') },
				discord: { kind: 'discord', url: env('A') },
				teams: { kind: 'teams', url: env('A') },
				ntfy: { kind: 'ntfy', url: `${url}/`, topic: env('A'), token: { file } },
				pager: { kind: 'pagerduty', url, key: env('A') },
				genie: { kind: 'opsgenie', url, key: env('A') },
				telegram: { kind: 'telegram', url, token: env('A'), chat: env('A') },
				mail: { kind: 'mail', to: 'ops@example.net', command: `cat >'${mail}'` },
			};
			const named = Object.fromEntries(
				['hook', 'slack', 'discord', 'teams'].map((name) => [name, { url: `${url}/${name}/s3cret` }]),
			);
			const secrets = {
				...named,
				ntfy: { topic: 'top"ic' },
				pager: { key: 'pager-key' },
				genie: { key: 'genie-key' },
				telegram: { token: '12:tele', chat: '-100' },
			};
			const plan = deployment.plan([step('a', 'exit 3', { title: 'Say "<hi>" & leave ünï' })], { title: 'Go \\ back' });
			const { id } = await start(entries, { secrets }, plan);
			expect((await finish(host, deployment.where, id)).run.state).toBe('failed');
			await standIn.count(8);
			const text = 'test: Go \\ back: failed (step 1, Say "<hi>" & leave ünï, exit code 3)';
			const at = (path: string) => {
				const found = standIn.requests.find((request) => request.url === path);
				expect(found?.headers['content-type']).toBe('application/json');
				return { headers: found?.headers, json: JSON.parse(found?.body ?? '') as unknown };
			};
			const about = { target: 'test', host: 'local', run: id, procedure: 'rollback-image', title: 'Go \\ back' };
			expect(at('/hook/s3cret').json).toEqual({
				...{ event: 'ended', text, ...about, state: 'failed', verdict: null },
				...{ reason: 'step 1, Say "<hi>" & leave ünï, exit code 3' },
				...{ startedAt: expect.any(Number), endedAt: expect.any(Number) },
			});
			expect(at('/slack/s3cret').json).toEqual({
				text: text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;'),
			});
			expect(at('/discord/s3cret').json).toEqual({ content: text, allowed_mentions: { parse: [] } });
			expect(at('/teams/s3cret').json).toMatchObject({
				type: 'message',
				attachments: [{ content: { type: 'AdaptiveCard', body: [{ type: 'TextBlock', text, wrap: true }] } }],
			});
			const ntfy = at('/');
			expect(ntfy.headers?.authorization).toBe('Bearer from-a-file');
			expect(ntfy.json).toEqual({ topic: 'top"ic', title: 'backout: test: failed', message: text, priority: 4 });
			expect(at('/v2/enqueue').json).toMatchObject({
				...{ routing_key: 'pager-key', event_action: 'trigger', dedup_key: `backout/test/${id}` },
				payload: { summary: text, source: 'local', severity: 'error', custom_details: { run: id } },
			});
			const genie = at('/v2/alerts');
			expect(genie.headers?.authorization).toBe('GenieKey genie-key');
			expect(genie.json).toMatchObject({ message: text, alias: `backout/test/${id}/ended`, priority: 'P2' });
			expect(at('/bot12:tele/sendMessage').json).toMatchObject({ chat_id: '-100', text });
			await record(id, /mail sent/);
			expect(readFileSync(mail, 'utf8')).toContain(`To: ops@example.net\nSubject: backout: test: failed\n`);
			expect(readFileSync(mail, 'utf8')).toContain(`\n\n${text}\n`);
			// No secret is in the list of processes, or lies in the folder of the run.
			const listed = readFileSync(join(deployment.state, '..', 'arguments'), 'utf8');
			expect(listed).toContain(sender === 'curl' ? '--config' : '--input-file');
			expect(listed).not.toMatch(/s3cret|top"ic|pager-key|genie-key|12:tele|from-a-file/);
			const folder = join(deployment.state, 'runs', id);
			const kept = readdirSync(folder).filter((name) => name !== 'control' && !/^(steps|restore|bin)$/.test(name));
			const all = kept.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
			expect(all).not.toMatch(/s3cret|top"ic|pager-key|genie-key|12:tele|from-a-file/);
		});

		test('a server that answers 500 twice gets it a third time, and one that refuses does not', async () => {
			standIn.statuses = [500, 500, 200, 404];
			const first = await start(hook, hookUrl());
			await record(first.id, /ended hook sent \d+ host/);
			expect(standIn.requests).toHaveLength(3);
			const second = await start(hook, hookUrl());
			expect(await record(second.id, /failed/)).toBe(
				'ended hook claimed MS host\nended hook failed MS host answered 404\n',
			);
			expect(standIn.requests).toHaveLength(4);
		});

		test('a server that hangs and one that is not there are left, and neither delays the run', isLong, async () => {
			standIn.statuses = [0];
			const { id } = await start(
				{ ...hook, gone: { kind: 'slack', url: { env: 'URL' } } },
				{ secrets: { ...hookUrl().secrets, gone: { url: 'http://127.0.0.1:1/t0ken' } }, pauses: [], limitSeconds: 3 },
			);
			const { run, output } = await finish(host, deployment.where, id);
			expect(run).toMatchObject({ state: 'succeeded' });
			expect(output).toBe('');
			expect(readFileSync(join(deployment.state, 'runs', id, 'notices'), 'utf8')).not.toContain('hook failed');
			expect(await record(id, /gone failed/)).toMatch(
				/ended gone failed MS host (curl ended with 7|wget ended with 4)/,
			);
			expect(await record(id, /hook failed/)).toMatch(/ended hook failed MS host no answer within 3 s/);
		});

		test('a guard that acts is told when it begins, by the checks that failed, and one that has not is told as that', async () => {
			const guard = {
				...{ procedure: 'Roll back', forSeconds: 9, graceSeconds: 0, intervalSeconds: 1, lastingSeconds: 2 },
				...{ checks: ['users'], notAsked: [] },
			};
			const watch = (script: string) =>
				deployment.plan([step('watch', script, { mayFail: true }), step('back', 'echo back')], {
					title: 'Guard',
					guard,
				});
			const acts =
				"fact guard_checks 'Users are served'; fact guard acts; fact guard_reason 'failed: token=1234'; exit 10";
			const acted = await start(hook, hookUrl(), watch(acts));
			expect((await finish(host, deployment.where, acted.id)).run.state).toBe('succeeded');
			await standIn.count(2);
			const [first, second] = standIn.requests.map(({ body }) => JSON.parse(body) as { event: string; text: string });
			expect([first, second].find((one) => one?.event === 'guard')?.text).toBe(
				'test: Guard: the checks keep failing, so the guard rolls back (Users are served)',
			);
			expect([first, second].find((one) => one?.event === 'ended')?.text).toMatch(/^test: Guard: steps done/);
			expect(await record(acted.id, /ended hook sent/)).toMatch(/guard hook sent MS host\n/);
			const { id } = await start(hook, hookUrl(), watch('fact guard well; fact guard_reason well'));
			await record(id, /ended hook sent/);
			expect(JSON.parse(standIn.requests[2]?.body ?? '')).toMatchObject({
				event: 'ended',
				text: 'test: Guard: the guard has changed nothing: the deployment is healthy at the end',
			});
		});

		test('a wait and a lock that is held for long are told, and a step has nothing of the secrets', async () => {
			const asks = step('ask', '', { kind: 'manual', title: 'Look at the graphs', text: 'Look.' });
			const looks = step('look', 'echo began; env; cat "/proc/$PPID/cmdline"; ls -l /proc/self/fd');
			const { id } = await start(hook, { ...hookUrl(), lockHeldMs: 1000 }, deployment.plan([looks, asks]));
			await untilOutput(host, deployment.where, id, 'Look.');
			await standIn.count(2);
			const texts = standIn.requests.map(({ body }) => (JSON.parse(body) as { text: string }).text).sort();
			expect(texts).toEqual([
				'test: Roll back the image: has held the lock for 1s',
				'test: Roll back the image: waits for you (Look at the graphs)',
			]);
			const out = readFileSync(join(deployment.state, 'runs', id, 'out'), 'utf8');
			expect(out).not.toMatch(/t0ken|notify/);
			writeFileSync(join(deployment.state, 'runs', id, 'answer.2'), `gave-up ${Date.now()} {}\nno\n`);
			expect((await finish(host, deployment.where, id)).run.state).toBe('failed');
			await standIn.count(3);
			expect(await record(id, /ended hook sent/)).toMatch(/waiting-2 hook sent/);
		});

		test('a run that nobody follows is not verified yet, which its notice says', isLong, async () => {
			const verification = { checks: ['a'], settleSeconds: 1, deadlineSeconds: 30 };
			const looks = step('a', 'until [ -e go ]; do sleep 0.1; done');
			const { id } = await start(hook, hookUrl(), deployment.plan([looks], { verification }));
			const started = join(deployment.state, 'runs', id, 'started');
			// A run that has just begun may be about to be followed.
			writeFileSync(
				started,
				readFileSync(started, 'utf8').replace(/\d+/, (ms) => String(Number(ms) - 60_000)),
			);
			writeFileSync(join(deployment.directory, 'go'), '');
			expect(await record(id, /ended hook sent/)).toMatch(/ended hook sent MS host not verified yet\n/);
			expect(JSON.parse(standIn.requests[0]?.body ?? '').text).toBe(
				'test: Roll back the image: steps done, not verified yet: nobody followed it',
			);
		});

		test('who follows to a verdict has it in the notice, which comes once', async () => {
			const verification = { checks: ['a'], settleSeconds: 1, deadlineSeconds: 30 };
			const plan = deployment.plan([step('a', 'echo began; until [ -e go ]; do sleep 0.1; done')], { verification });
			const { id } = await start(hook, hookUrl(), plan);
			await untilOutput(host, deployment.where, id, 'began');
			writeFileSync(join(deployment.directory, 'go'), '');
			await finish(host, deployment.where, id);
			const verdict = { verdict: 'failed', at: 1, by: who, reason: 'x', checks: [] };
			writeFileSync(join(deployment.state, 'runs', id, 'verdicts'), `${JSON.stringify(verdict)}\n`);
			await record(id, /sent/);
			expect(standIn.requests.map(({ body }) => JSON.parse(body))).toMatchObject([
				{ event: 'ended', state: 'succeeded', verdict: 'failed', text: expect.stringContaining('verification failed') },
			]);
		});
	},
	['dash'],
);
