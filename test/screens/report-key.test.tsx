import { expect, it } from 'vitest';
import { BackoutError } from '../../src/runbook/errors.ts';
import { openApp } from './open-app.tsx';

const open = async () => {
	const app = await openApp();
	await app.terminal.waitFor('exit 1');
	return app;
};
const wrote = 'Wrote the report, 9.0 KiB, to /home/mara/backout-20261121T181200Z-4f1c-';

it('p in the list of runs writes the report of the selected one, and says where', async () => {
	const { terminal, fake } = await open();
	await terminal.press('r', 'p');
	await terminal.waitFor(wrote);
	expect(fake.calls).toContain('report 20261121T181200Z-4f1c');
});

it('p on a run writes its report', async () => {
	const { terminal, fake } = await open();
	await terminal.press('r', 'enter');
	await terminal.waitFor('Output of run');
	await terminal.press('p');
	await terminal.waitFor(wrote);
	expect(fake.calls).toContain('report 20261121T181200Z-4f1c');
});

it('the palette has a report of each run', async () => {
	const { terminal, fake } = await open();
	await terminal.press(':');
	await terminal.waitFor('Go to');
	await terminal.send('report 20261121');
	await terminal.waitFor('› report 20261121T181200Z-4f1c');
	await terminal.press('enter');
	await terminal.waitFor(wrote);
	expect(fake.calls).toContain('report 20261121T181200Z-4f1c');
});

it('says why it could not be written', async () => {
	const { terminal, fake } = await open();
	Object.assign(fake.workspace.actions, {
		saveReport: () => Promise.reject(new BackoutError('failed', 'no space left on this machine')),
	});
	await terminal.press('r', 'p');
	await terminal.waitFor('no space left on this machine');
	await terminal.waitFor('while writing the report');
});
