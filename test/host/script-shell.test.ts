import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { runScript } from '../../src/services/host/run-script.ts';
import { keepScriptShell, keptScriptShell } from '../../src/services/host/script-shell.ts';
import { textOf } from '../helpers/proc.ts';
import { type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';

const purpose = 'answer';

/** Where a program of this machine is; undefined if it has none. */
const pathOf = (program: string): string | undefined =>
	(process.env.PATH ?? '')
		.split(delimiter)
		.map((folder) => join(folder, program))
		.find((path) => existsSync(path));

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-shell-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const childrenOf = (pid: number): readonly number[] =>
	textOf(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);

/** True unless it has ended: one that nobody has waited for yet has, too. */
const alive = (pid: number): boolean => /^\d+ \(.*\) [^ZX]/.test(textOf(`/proc/${pid}/stat`));

describe.each([
	['dash', 'mawk'],
	['bash', 'gawk'],
	['busybox', 'busybox'],
])('one shell for many scripts, under %s with %s', (shell, awk) => {
	let host: LocalHost;
	let hasBoth: boolean;
	beforeEach(() => {
		const [sh, frames] = [pathOf(shell), pathOf(awk) ?? pathOf('awk')];
		hasBoth = sh !== undefined && frames !== undefined;
		if (sh !== undefined && frames !== undefined) {
			symlinkSync(sh, join(folder, 'sh'));
			symlinkSync(frames, join(folder, 'awk'));
		}
		host = new LocalHost({ env: { PATH: `${folder}:${process.env.PATH}` } });
	});
	afterEach(() => host.close());

	it('gives each its own output, byte for byte, and its own exit code', async ({ skip }) => {
		skip(!hasBoth, `no ${shell} or ${awk}`);
		const scripts = [
			'printf "no end"; printf "its error" >&2; exit 3',
			'printf "a\\n\\n\\n"; echo >&2',
			'true',
			"printf '\\377\\200\\n\\001x'",
			// One long line, lines beyond a pipe's buffer, and a last line that looks like an end.
			'seq 1 20000 | tr "\\n" " "; echo; seq 1 20000; echo x',
			'exit 111',
		];
		const options = { purpose, anyExit: true };
		const alone = await Promise.all(scripts.map((script) => runScript(host, script, options)));
		keepScriptShell(host);
		expect(await keptScriptShell(host)).toBeDefined();
		const together = await Promise.all(scripts.map((script) => runScript(host, script, options)));
		for (const [at, { code, bytes, stderr, truncated }] of together.entries()) {
			expect({ code, bytes, stderr, truncated }).toEqual({
				code: alone[at]?.code,
				bytes: alone[at]?.bytes,
				stderr: alone[at]?.stderr,
				truncated: false,
			});
		}
	});
});

describe('one shell for many scripts', () => {
	let host: Host;
	beforeEach(() => {
		host = new LocalHost();
		keepScriptShell(host);
	});
	afterEach(() => host.close());

	it('passes values and prelude to each, and sends what they have in common once', async () => {
		const sent: number[] = [];
		const counted: Host = Object.assign(new LocalHost(), {
			spawn: async (...of: Parameters<Host['spawn']>) => {
				const running = await host.spawn(...of);
				const write = running.stdin.write.bind(running.stdin);
				running.stdin.write = (text: string) => {
					sent.push(text.length);
					return write(text);
				};
				return running;
			},
		});
		keepScriptShell(counted);
		const prelude = [`say() { echo "it is $1"; }\n# ${'x'.repeat(100_000)}`];
		const answers = await Promise.all(
			["it's", 'a b', '$(id)'].map((value) =>
				runScript(counted, 'say "$value"', { purpose, prelude, environment: { value } }),
			),
		);
		expect(answers.map(({ stdout }) => stdout)).toEqual(["it is it's\n", 'it is a b\n', 'it is $(id)\n']);
		expect(sent.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
		await counted.close();
	});

	it('lets no slow or failing one delay or hide the others', async () => {
		const started = join(folder, 'started');
		const slow = runScript(host, `: >${started}; exec sleep 60`, { purpose: 'wait', timeoutMs: 2000 });
		const slowly = expect(slow).rejects.toThrow('the host took longer than 2 s to answer');
		await expect.poll(() => existsSync(started)).toBe(true);
		await expect(runScript(host, 'echo "no such thing" >&2; exit 1', { purpose: 'fail' })).rejects.toThrow(
			'the host could not fail: no such thing',
		);
		await expect(runScript(host, 'if', { purpose: 'read this' })).rejects.toThrow(/could not read this: .*[Ss]yntax/);
		expect((await runScript(host, 'echo fine', { purpose })).stdout).toBe('fine\n');
		await slowly;
		expect((await runScript(host, 'echo "still fine"', { purpose })).stdout).toBe('still fine\n');
	});

	it.skipIf(process.platform !== 'linux')('ends what runs in it when its caller leaves', async () => {
		const pid = join(folder, 'pid');
		const leaving = new AbortController();
		const left = runScript(host, `echo $$ >${pid}.new; mv ${pid}.new ${pid}; exec sleep 60`, {
			purpose,
			signal: leaving.signal,
		});
		await expect.poll(() => existsSync(pid)).toBe(true);
		leaving.abort(new Error('enough'));
		await expect(left).rejects.toThrow('enough');
		// Sooner than a shell is closed that nobody uses.
		await expect.poll(() => alive(Number(textOf(pid))), { timeout: 12_000 }).toBe(false);
	});
});

test('without awk on the host, each script gets a session of its own', async () => {
	for (const program of ['sh', 'echo']) {
		symlinkSync(pathOf(program) ?? '', join(folder, program));
	}
	const host = new LocalHost({ env: { PATH: folder } });
	keepScriptShell(host);
	expect(await keptScriptShell(host)).toBeUndefined();
	expect((await runScript(host, 'echo fine', { purpose })).stdout).toBe('fine\n');
	await host.close();
});

describe.skipIf(sshdMissing())('over a server with one session', () => {
	let sshd: Sshd;
	let host: Host;
	beforeEach(async () => {
		sshd = await startSshd(['MaxSessions 1']);
		host = openHost(
			{ host: sshd.destination, ssh: { identityFile: sshd.identity } },
			{ home: sshd.home, env: { PATH: process.env.PATH } },
		);
		await host.ready();
	});
	afterEach(async () => {
		await host.close();
		await sshd.stop();
	});

	it('scripts run at the same time, and the session is free for others afterwards', async () => {
		keepScriptShell(host);
		// Each waits for the others.
		const script = `: >"${folder}/$name"; until [ -e "${folder}/a" ] && [ -e "${folder}/b" ] && [ -e "${folder}/c" ]; do sleep 0.05; done; echo "$name"`;
		const names = ['a', 'b', 'c'];
		const met = await Promise.all(names.map((name) => runScript(host, script, { purpose, environment: { name } })));
		expect(met.map(({ stdout }) => stdout.trim())).toEqual(names);
		// Less than the time for which the shell is kept.
		expect((await host.exec('echo free', { timeoutMs: 10_000 })).stdout.toString()).toBe('free\n');
		expect((await runScript(host, 'echo again', { purpose })).stdout).toBe('again\n');
	});

	it('a script that the link loses says so', async () => {
		keepScriptShell(host);
		const started = join(folder, 'started');
		const lost = runScript(host, `: >${started}; exec sleep 60`, { purpose: 'wait' });
		const says = expect(lost).rejects.toThrow('the link was lost before the host could wait');
		await expect.poll(() => existsSync(started)).toBe(true);
		for (const pid of childrenOf(sshd.pid)) {
			process.kill(pid, 'SIGKILL');
		}
		await says;
	});
});
