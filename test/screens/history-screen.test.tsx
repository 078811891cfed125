import { expect, it } from 'vitest';
import type { PastDeployment } from '../../src/runbook/history.ts';
import { historyRows } from '../../src/screens/history/history-rows.ts';
import { night } from './made-up.ts';
import { openApp } from './open-app.tsx';

const open = async () => {
	const app = await openApp();
	await app.terminal.waitFor('exit 1');
	return app;
};
it('h shows what was deployed, whoever did it, and Enter the run that did', async () => {
	const { terminal } = await open();
	await terminal.press('h');
	await terminal.waitFor('2 deployments, whoever made them');
	const picture = terminal.screen().join('\n');
	expect(picture).toMatch(/●.*a1b2c3d4e.*Cache the order book.*✓ passed/);
	expect(picture).toMatch(/ffffeeee0.*Retry orders twice.*30m.*✗ blocked/);
	await terminal.press('enter');
	await terminal.waitFor('Output of run');
});

it('only a deployment by a run has one to show', async () => {
	const { terminal } = await open();
	await terminal.press('h');
	await terminal.waitFor('2 deployments');
	await terminal.waitFor('show the run');
	await terminal.press('j');
	await terminal.waitFor((screen) => !screen.some((row) => row.includes('show the run')));
	await terminal.press('esc');
	await terminal.waitFor('exit 1');
});

it('names images where there is no commit, and says when nothing is known', () => {
	const size = { width: 140, height: 20 };
	const text = (all: readonly PastDeployment[]) =>
		historyRows(all, undefined, night, size)
			.map((row) => row.map((part) => part.text).join(''))
			.join('\n');
	const images = [{ service: 'web', image: 'shop/web:1.4', imageId: `sha256:${'8'.repeat(64)}` }];
	expect(text([{ at: night - 60_000, source: 'containers', how: 'created: web', images }])).toMatch(
		/● .* 888888888888 shop\/web:1\.4 .* 1m .* \? not yet/,
	);
	expect(text([])).toContain('Nothing on the host shows a deployment');
});
