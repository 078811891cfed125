import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { saveLines } from '../../src/application/runs/save-output.ts';
import { openCopy } from '../../src/application/runs/write-journal-copy.ts';
import { masked, print, printError, printJson, printMasked } from '../../src/commands/print.ts';
import type { CapturedReadings } from '../../src/runbook/captured-readings.ts';
import { fromMasked } from '../../src/runbook/masked.ts';
import { endNotice } from '../../src/runbook/notice.ts';
import type { Run, RunVerdict } from '../../src/runbook/run.ts';
import { defaultRunLimits } from '../../src/runbook/run-limits.ts';
import { maskSecrets } from '../../src/runbook/secrets.ts';
import { maskDeep } from '../../src/runbook/secrets-deep.ts';
import { openDebugLog } from '../../src/services/debug/open-debug-log.ts';
import { appendToCopy } from '../../src/services/files/journal-folder.ts';
import { writeNewFile } from '../../src/services/files/new-file.ts';
import { appendPrivate, writePrivateFile } from '../../src/services/files/private-file.ts';
import { replaceFile } from '../../src/services/files/replaced-file.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { notifyDesktop } from '../../src/services/notify/desktop.ts';
import { postWebhook } from '../../src/services/notify/webhook.ts';
import { servePage } from '../../src/services/page/page-server.ts';
import { runFiles } from '../../src/services/runner/client/run-folder.ts';
import { startProgram } from '../../src/services/runner/client/start-run.ts';
import { appendReadings, appendVerdict } from '../../src/services/runner/runner.ts';
import { clipboardSequence, notificationSequence } from '../../src/terminal/osc.ts';
import { memoryShell } from '../helpers/memory-engine.ts';
import { type Deployment, makeDeployment, who } from '../runner/fixture.ts';

const secret = 'hunter2hunter2';
const plain = `DB_PASSWORD=${secret}`;
const nothingLeft = /^(?=.*••••[0-9a-f]{4})(?!.*hunter2)/s;

let folder: string;
let deployment: Deployment;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-gate-'));
	deployment = makeDeployment();
});
afterEach(() => {
	vi.restoreAllMocks();
	deployment.remove();
	rmSync(folder, { recursive: true });
});

/** Never called: tsc reads it, and an error that is expected and does not come is one. */
export const refusedByTypes = async (verdict: RunVerdict, readings: CapturedReadings): Promise<void> => {
	const host = new LocalHost();
	const where = { directory: '/', state: '' };
	// @ts-expect-error: a plain string is not printed
	printMasked(plain);
	// @ts-expect-error: nor a plain value
	printJson({ type: 'unknown', run: 'r', reason: plain });
	// @ts-expect-error: nor what is spread, for something else may have come in
	printJson({ ...masked({ type: 'unknown', run: 'r', reason: '' }), reason: plain });
	// @ts-expect-error: nor a text with a masked one inside
	printMasked(`${maskSecrets('a')} ${plain}`);
	// @ts-expect-error: nor a part of a masked value
	printMasked(maskDeep({ text: plain }).text);
	// @ts-expect-error: a plain line is not copied
	await appendToCopy({ host: 'h', directory: '/' }, 'r', plain, {});
	// @ts-expect-error: plain bytes are not saved
	await writeNewFile({ folder: '/', what: 'w', now: 0, ending: 'log' }, [Buffer.from(plain)]);
	// @ts-expect-error: a plain report is not written to a file
	await writePrivateFile('/report.md', plain);
	// @ts-expect-error: nor is a plain text added to one
	await appendPrivate('/lines', plain);
	// @ts-expect-error: a plain page is not written for others
	await replaceFile('/page.html', plain);
	// @ts-expect-error: nor served
	await servePage({ port: 0, page: () => plain, policy: '' });
	// @ts-expect-error: a plain text is not put on the clipboard
	clipboardSequence(plain);
	// @ts-expect-error: a plain value is not posted
	await postWebhook('http://localhost', { text: plain });
	// @ts-expect-error: a plain text is not shown on the desktop
	await notifyDesktop('title', plain, { platform: 'linux', env: {} });
	// @ts-expect-error: nor by the terminal
	notificationSequence('title', plain, {});
	// @ts-expect-error: a plain verdict is not kept with a run
	await appendVerdict(host, where, 'r', verdict);
	// @ts-expect-error: nor are plain readings
	await appendReadings(host, where, 'r', readings);
	const contents = { plan: deployment.plan([]), who, limits: defaultRunLimits, shell: memoryShell };
	// @ts-expect-error: nor a plain reason
	runFiles({ ...contents, reason: plain });
};

const printed = (stream: 'stdout' | 'stderr', write: () => void): string => {
	const target: NodeJS.WriteStream = process[stream];
	let text = '';
	const spy = vi.spyOn(target, 'write').mockImplementation((piece) => {
		text += String(piece);
		return true;
	});
	write();
	spy.mockRestore();
	return text;
};

const run = (): Run => ({
	id: '20261122T203501Z-3fa9c1',
	plan: deployment.plan([], { title: `Roll back with ${plain}` }),
	who,
	reason: plain,
	startedAt: 1,
	endedAt: 2,
	state: 'succeeded',
	steps: [],
	outputBytes: 0,
	facts: {},
});

describe('no secret passes', () => {
	test('what is printed', () => {
		expect(printed('stdout', () => print(plain))).toMatch(nothingLeft);
		expect(printed('stderr', () => printError(plain))).toMatch(nothingLeft);
		expect(printed('stdout', () => printJson(masked({ type: 'unknown', run: 'r', reason: plain })))).toMatch(
			nothingLeft,
		);
	});

	test('what is printed is otherwise as it was', () => {
		const line = 'web runs commit 3fa9c1, 2 of 2; key: none';
		expect(printed('stdout', () => print(line))).toBe(`${line}\n`);
		expect(printed('stdout', () => printMasked(fromMasked(maskSecrets('a'), (all) => `<${all}>`)))).toBe('<a>\n');
	});

	test('what is saved', async () => {
		const { file } = await saveLines('web', [Buffer.from(`${plain}\n`)], folder);
		expect(readFileSync(file, 'utf8')).toMatch(nothingLeft);
	});

	test('what is copied to the journal on this machine', async () => {
		const env = { HOME: folder, XDG_STATE_HOME: folder };
		const target = { host: 'h', directory: '/app' } as Parameters<typeof openCopy>[0]['target'];
		const copy = openCopy({ target }, run().id, env);
		copy.run(run());
		copy.output(Buffer.from(`${plain}\n`), 0);
		await copy.end();
		const files = (await import('node:fs')).globSync(join(folder, '**', '*.ndjson'));
		expect(files).toHaveLength(1);
		expect(readFileSync(files[0] ?? '', 'utf8')).toMatch(nothingLeft);
	});

	test('what is posted', async () => {
		const bodies: string[] = [];
		const server = createServer((request, response) => {
			request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
			request.on('end', () => response.end());
		}).listen(0, '127.0.0.1');
		await new Promise((resolve) => server.once('listening', resolve));
		const { port } = server.address() as AddressInfo;
		await postWebhook(`http://127.0.0.1:${port}/`, endNotice(run(), undefined));
		server.close();
		expect(bodies.join('')).toMatch(nothingLeft);
	});

	test('what is kept with the run on the host: why it was started', () => {
		const program = startProgram('mark', run().id, {
			shell: memoryShell,
			plan: deployment.plan([]),
			who,
			reason: plain,
		});
		expect(program).toMatch(nothingLeft);
	});

	test('what is logged for a bug report', () => {
		const file = join(folder, 'debug.log');
		openDebugLog(file).write('command', { said: plain, token: secret });
		expect(readFileSync(file, 'utf8')).toMatch(nothingLeft);
	});
});
