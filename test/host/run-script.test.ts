import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quote } from '../../src/runbook/shell-quote.ts';
import type { ExecResult, Host } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { runConstantScript, runScript } from '../../src/services/host/run-script.ts';
import { createMarkFilter, shellProgram } from '../../src/services/host/shell-program.ts';

let host: LocalHost;
beforeEach(() => {
	host = new LocalHost();
});
afterEach(() => host.close());

const purpose = 'list the runs';

describe('values', () => {
	const nasty = `it's "quoted" $(id) \`id\` \\ * ünïcode\nsecond line`;

	it('reach the script as they are, and only those of the environment reach its programs', async () => {
		const { stdout } = await runScript(host, `printf '%s|%s|' "$one" "$two"; sh -c 'printf %s "\${one-none}|$two"'`, {
			purpose,
			variables: { one: nasty },
			environment: { two: nasty },
		});
		expect(stdout).toBe(`${nasty}|${nasty}|none|${nasty}`);
	});

	it('may be longer than a program takes in its environment', async () => {
		const { stdout } = await runScript(host, `printf %s "$long" | wc -c`, {
			purpose,
			variables: { long: 'x'.repeat(300_000) },
		});
		expect(stdout.trim()).toBe('300000');
	});

	it('are assigned in exactly this text', () => {
		expect(
			shellProgram('the-mark', { one: "it's" }, ['echo "$one"'], { environment: { two: '$(id)', THREE: '3' } }),
		).toBe(
			[
				'{',
				"printf '%s\\n' 'the-mark'; printf '%s\\n' 'the-mark' >&2",
				"one='it'\\''s'",
				"two='$(id)'\nTHREE='3'",
				"backout_given='two'; export backout_given",
				'export two THREE',
				'{',
				'echo "$one"',
				'} </dev/null',
				'exit; }',
				'',
			].join('\n'),
		);
	});

	it('and names that the shell could not take are refused before anything is sent', async () => {
		expect(() => quote('a\0b')).toThrow(TypeError);
		await expect(runScript(host, 'true', { purpose, variables: { 'a b': '' } })).rejects.toThrow(TypeError);
		await expect(runScript(host, 'true', { purpose, environment: { 'x=1; id': '' } })).rejects.toThrow(TypeError);
	});
});

describe('what a script printed', () => {
	it('comes without what rc files printed before it', async () => {
		const home = mkdtempSync(join(tmpdir(), 'backout-noisy-'));
		const shell = join(home, 'sh');
		writeFileSync(shell, '#!/bin/sh\necho welcome\necho careful >&2\nexec /bin/sh "$@"\n');
		chmodSync(shell, 0o755);
		const noisy = new LocalHost({ env: { ...process.env, PATH: `${home}:${process.env.PATH}` } });
		try {
			expect(await runScript(noisy, 'echo out; echo err >&2', { purpose })).toMatchObject({
				stdout: 'out\n',
				stderr: 'err\n',
			});
			expect(await runConstantScript(noisy, 'echo out; echo err >&2', { purpose })).toMatchObject({
				stdout: 'out\n',
				stderr: 'err\n',
			});
		} finally {
			await noisy.close();
			rmSync(home, { recursive: true });
		}
	});

	it('is found in a stream wherever the mark is cut', () => {
		const bytes = Buffer.from('welcome\nmark-1\nline\nmark-1\n');
		for (let at = 0; at <= bytes.length; at++) {
			const filter = createMarkFilter('mark-1');
			const pieces = [filter(bytes.subarray(0, at)), filter(bytes.subarray(at))];
			expect(pieces.map((piece) => piece?.toString() ?? '').join('')).toBe('line\nmark-1\n');
		}
	});

	it('is nothing when the upload was cut off: nothing ran', () => {
		const program = shellProgram('mark', {}, ['echo ran']);
		for (const length of [20, program.length - 8, program.length - 3]) {
			expect(spawnSync('sh', ['-s'], { input: program.slice(0, length) }).stdout.toString()).toBe('');
		}
	});
});

describe('how it ended', () => {
	it('with a code: what it said last, masked, or the code', async () => {
		await expect(
			runScript(host, 'echo one >&2; echo password=hunter2hunter2 >&2; exit 3', { purpose }),
		).rejects.toThrow(/^the host could not list the runs: password=••••/);
		await expect(runScript(host, 'exit 3', { purpose })).rejects.toMatchObject({
			code: 'failed',
			message: 'the host could not list the runs: exit code 3',
		});
	});

	it('with a code that is an answer', async () => {
		expect(await runScript(host, 'echo no; exit 3', { purpose, anyExit: true })).toMatchObject({
			code: 3,
			stdout: 'no\n',
		});
	});

	it('with a refusal of its own, which only a script of ours can give', async () => {
		const script = `printf 'refused\\tthe lock is held\\twait\\n' >&2; exit 75`;
		await expect(runScript(host, script, { purpose })).rejects.toMatchObject({
			code: 'refused',
			message: 'the lock is held',
			next: 'wait',
		});
		expect(await runScript(host, script, { purpose, anyExit: true })).toMatchObject({ code: 75 });
	});

	it('by a signal, or by the loss of the link: nobody knows how', async () => {
		await expect(runScript(host, 'kill -TERM $$; sleep 5', { purpose, anyExit: true })).rejects.toMatchObject({
			code: 'unreachable',
			message: "the host's shell was killed by SIGTERM before it could list the runs",
		});
		const lost: Pick<Host, 'name' | 'exec'> = {
			name: 'far',
			exec: async (): Promise<ExecResult> => ({
				code: undefined,
				lost: true,
				stdout: Buffer.alloc(0),
				stderr: Buffer.alloc(0),
				truncated: false,
			}),
		};
		await expect(runScript(lost as Host, 'true', { purpose, anyExit: true })).rejects.toMatchObject({
			code: 'unreachable',
			host: 'far',
			message: 'the link was lost before the host could list the runs',
		});
	});
});
