import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { followAndBind } from '../../src/application/runs/bind-to-stores.ts';
import { followToVerdict } from '../../src/application/runs/follow-to-verdict.ts';
import { saveRunOutput } from '../../src/application/runs/save-output.ts';
import { readRunSecrets, secretsOf } from '../../src/application/secrets/known-secrets.ts';
import { checkContext } from '../../src/application/watching/check-context.ts';
import { printRun } from '../../src/commands/follow-run.ts';
import type { CheckResult } from '../../src/runbook/check.ts';
import { settingsOf } from '../../src/runbook/dot-env.ts';
import type { CheckDefinition } from '../../src/runbook/runbook.ts';
import { startChecks } from '../../src/services/checks/check-runner.ts';
import type { Host } from '../../src/services/host/host.ts';
import { startRun } from '../helpers/compose-runner.ts';
import { until } from '../helpers/until.ts';
import { type Deployment, eachDeployment, readOnlySession, step, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;
let session: Session;
let folder: string;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-masked-'));
	vi.stubEnv('XDG_STATE_HOME', folder);
	writeFileSync(
		join(deployment.directory, '.env'),
		`DB_PASSWORD='s3cr et-Value-9'\nexport USER_NAME=postgres\nPOSTGRES_PASSWORD=postgres\n`,
	);
	session = readOnlySession(deployment, host);
});
afterEach(async () => {
	vi.unstubAllEnvs();
	vi.restoreAllMocks();
	rmSync(folder, { recursive: true, force: true });
});

/** Says a secret in two pieces, one under a name, one of the plan, and some that is no secret; without an end of line. */
const telling = [
	step(
		'one',
		`printf 'the password is s3cr '; sleep 1; printf 'et-Value-9, user postgres\\n'; echo "API_TOKEN=abcdefg1"; echo "plan says $plan_secret"; printf 'fetching http://me:pass9word@h/ done'`,
	),
	step('two', `echo ' and s3cr et-Value-9'`),
];
const hidden = ['s3cr et-Value-9', 's3cr ', 'et-Value-9', 'abcdefg1', 'of-the-Plan-1', 'pass9word'];
const masked =
	/^the password is ••••[0-9a-f]{4}, user postgres\nAPI_TOKEN=••••[0-9a-f]{4}\nplan says ••••[0-9a-f]{4}\nfetching http:\/\/me:••••[0-9a-f]{4}@h\/ done and ••••[0-9a-f]{4}\n$/;

const start = async (): Promise<string> => {
	const plan = deployment.plan(telling, { environment: { plan_secret: 'of-the-Plan-1' } });
	const { id } = await startRun(host, { plan, who, reason: 'r', state: deployment.state });
	return id;
};

const expectMasked = (text: string) => {
	for (const secret of hidden) {
		expect(text).not.toContain(secret);
	}
	expect(text).toMatch(masked);
};

describe('secrets in the output of a run', () => {
	test('are masked for whoever follows it, and stay whole on the host', async () => {
		const id = await start();
		const chunks: Buffer[] = [];
		const offsets: number[] = [];
		const { run } = await followToVerdict(session, id, {
			onOutput: (bytes, offset) => {
				chunks.push(bytes);
				offsets.push(offset);
			},
		});
		expect(run.state).toBe('succeeded');
		expectMasked(Buffer.concat(chunks).toString('utf8'));
		expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
		const raw = join(deployment.state, 'runs', id, 'out');
		expect(readFileSync(raw, 'utf8')).toContain('s3cr et-Value-9, user postgres\nAPI_TOKEN=abcdefg1');
		expect(statSync(raw).mode & 0o777).toBe(0o600);
	});

	test('are masked in the pane of the screen and in a saved file', async () => {
		const id = await start();
		const signal = new AbortController().signal;
		const followed = await followAndBind(session, id, { onChange: () => {}, onFollowing: () => {} }, signal);
		await until(followed.following, ({ status }) => status === 'ended', 60_000);
		const { output } = followed;
		const shown = Array.from({ length: output.lineCount }, (_, line) =>
			Buffer.from(output.line(line) ?? []).toString(),
		);
		expectMasked(`${shown.join('\n')}\n`);
		followed.close();
		const secrets = await readRunSecrets(session, id, signal);
		const saved = await saveRunOutput(session, id, { folder, signal, secrets });
		expectMasked(readFileSync(saved.file, 'utf8'));
	});

	test.each([true, false])('are masked on the command line, --json %s, under the step that said them', async (json) => {
		const id = await start();
		const written: string[] = [];
		vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
			written.push(String(text));
			return true;
		});
		await printRun(session, id, { json, signal: new AbortController().signal });
		vi.mocked(process.stdout.write).mockRestore();
		const all = written.join('');
		for (const secret of hidden) {
			expect(all).not.toContain(secret);
		}
		if (json) {
			const events = all
				.trim()
				.split('\n')
				.map((line) => JSON.parse(line));
			expectMasked(events.flatMap(({ type, text }) => (type === 'output' ? [text] : [])).join(''));
		} else {
			expect(all).toMatch(/▸.*one[\s\S]*@h\/ done\n[\s\S]*▸.*two[\s\S]*and ••••[0-9a-f]{4}\n/);
		}
	});
});

describe('evidence of a check', () => {
	const asProcess = (id: string) => ({ id, startedAt: 1 });
	let processes: { id: string }[];

	/** Watches a check of that script, and gives its results to `take` until that is true. */
	const watch = (script: string, take: (result: CheckResult) => boolean, onlyStates = false) =>
		new Promise<void>((resolve) => {
			const said = { kind: 'script', id: 'said', title: 'Said', script, timeoutMs: 5000, intervalMs: 1000 };
			const instances = { get: () => ({ instances: processes }) } as never;
			const monitor = startChecks(checkContext({ ...session, instances }), {
				checks: [said as unknown as CheckDefinition],
				intervalMs: 1000,
				onlyStates: () => onlyStates,
				onResult: (result) => {
					if (take(result)) {
						monitor.stop();
						resolve();
					}
				},
			});
		});

	beforeEach(() => {
		processes = [];
	});

	test('shows no secret of the deployment, before anything else has read them', async () => {
		writeFileSync(join(deployment.directory, '.env'), 'QUEUE_TOKEN=only-here-7\n');
		await watch('echo "retry with only-here-7"', ({ evidence }) => {
			expect(evidence).toMatch(/retry with ••••[0-9a-f]{4}/);
			return true;
		});
	});

	test('is left out of a check that passes while only states are shown, and masked where it fails', async () => {
		writeFileSync(join(deployment.directory, '.env'), 'QUEUE_TOKEN=only-here-7\n');
		const seen: CheckResult[] = [];
		const script = 'echo "retry with only-here-7"; [ ! -e broken ]';
		const take = (result: CheckResult) => {
			seen.push(result);
			writeFileSync(join(deployment.directory, 'broken'), '');
			return seen.length === 2;
		};
		await watch(script, take, true);
		expect(seen[0]).toMatchObject({ state: 'passed', reason: '', evidence: '' });
		expect(seen[1]).toMatchObject({ state: 'failed', evidence: expect.stringMatching(/retry with ••••[0-9a-f]{4}/) });
	});

	test('shows none that was changed while it was watched, once a container was made anew with it', async () => {
		const change = (token: string) => {
			writeFileSync(join(deployment.directory, '.env'), `QUEUE_TOKEN=${token}\n`);
			processes = [asProcess(token)];
		};
		change('the-first-7');
		const seen: string[] = [];
		await watch('echo "retry with $(cut -d= -f2 .env)"', ({ evidence }) => {
			seen.push(evidence);
			change(`the-next-${seen.length}`);
			return seen.length === 2;
		});
		expect(new Set(seen).size).toBe(2);
		for (const evidence of seen) {
			expect(evidence).toMatch(/retry with ••••[0-9a-f]{4}$/m);
		}
	});
});

test('what counts as a secret value', () => {
	const settings = settingsOf(
		[
			'# a comment',
			'DB_PASSWORD=plainword1 # of the database',
			`export API_KEY="qu'oted value" # x`,
			'POSTGRES_PASSWORD=postgres',
			'POSTGRES_USER=postgres',
			'SHORT_TOKEN=abc',
			'PIN=123456',
			'SECRET_FILE=/run/secrets/x',
			'OTHER_PASSWORD=${DB_PASSWORD}',
			'DATABASE_URL=postgres://u:in-The-Url@db/x',
			'ADMIN_PASSWORD=changeme',
			'MODE=production',
		].join('\r\n'),
	);
	expect(secretsOf(settings)).toEqual(['plainword1', "qu'oted value", 'in-The-Url']);
});
