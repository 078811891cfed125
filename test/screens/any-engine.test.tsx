import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { App } from '../../src/app.tsx';
import { createFleet } from '../../src/application/fleet/fleet.ts';
import type { DesiredAnswer } from '../../src/engine/desired.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import { loadRunbook } from '../../src/services/runbook-file/load-runbook.ts';
import { createMemoryEngine, type MemoryEngine } from '../helpers/memory-engine.ts';
import { type RenderedTerminal, renderTerminal } from '../helpers/terminal.ts';

// The whole program behind the screen, over an engine that is in this process: nothing on the screen needs Docker.

const runbook = `
title: An application
checks:
  containers: { title: The containers run, kind: containers }
verification: { checks: [containers], settle: 1s, deadline: 20s }
procedures:
  touch:
    title: Leave a file
    group: Scenarios
    risk: disruptive
    restorePoint: false
    steps:
      - { id: touch, title: Leave it, run: 'enter_folder && : >left && echo it is there' }
`;

const desired: DesiredAnswer = {
	desired: {
		services: ['api', 'worker'].map((name) => ({ name, replicas: 1, restartGiven: false, ports: [] })),
		jobs: [],
	},
};

let folder: string;
let engine: MemoryEngine;
let terminal: RenderedTerminal;
let close: () => Promise<void>;

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), 'backout-any-engine-'));
	engine = createMemoryEngine({ desired });
	engine.put({ id: 'api', health: 'healthy', restarts: 0 });
	engine.put({ id: 'worker' });
	const target: Target = {
		name: 'app',
		host: 'local',
		directory: folder,
		project: 'app',
		projectGiven: true,
		ssh: {},
		state: join(folder, 'state'),
		readOnly: false,
		runbook: await loadRunbook(runbook, 'runbook.yaml', { readRunbook: () => undefined }),
	};
	const fleet = createFleet([target], { createEngine: () => engine });
	terminal = await renderTerminal(
		<App fleet={fleet} initial={{ kind: 'target', name: 'app' }} onExit={() => {}} depth="sixteen" links={false} />,
		{ columns: 120, rows: 40 },
	);
	close = async () => {
		await terminal.close();
		await fleet.close();
		rmSync(folder, { recursive: true, force: true });
	};
});
afterEach(() => close());

test('the dashboard shows what the engine has, every change of it, and its log', async () => {
	await terminal.waitFor(/● api +healthy/);
	await terminal.waitFor(/● worker +running/);
	await terminal.waitFor('✓ the check passes');
	engine.write('api', 'ready to serve');
	await terminal.waitFor('ready to serve');
	engine.put({ id: 'worker', status: 'exited', exitCode: 3 }, 'die');
	await terminal.waitFor(/✗ worker +exited \(3\)/);
	await terminal.waitFor(/✗ The containers run +failed +worker/);
	engine.put({ id: 'worker', status: 'running', startedAt: Date.now() });
	await terminal.waitFor(/[●◐] worker +running/);
});

test('a procedure is planned with the shell of the engine, run on the host and verified', async () => {
	await terminal.waitFor('✓ the check passes');
	await terminal.press('enter');
	await terminal.waitFor('Nothing has changed yet.');
	await terminal.press('enter');
	await terminal.waitFor('Start it now?');
	// The answer is taken 250 ms after the question was shown.
	await new Promise((resolve) => setTimeout(resolve, 300));
	await terminal.press('y');
	await terminal.waitFor('verified');
	expect(existsSync(join(folder, 'left'))).toBe(true);
});
