import { afterEach, expect, it } from 'vitest';
import { calledAs } from '../../src/runbook/own-command.ts';
import { farewell } from '../../src/screens/run/farewell.ts';
import { checks, night } from './made-up.ts';
import { openRun } from './open-run.ts';

let app: Awaited<ReturnType<typeof openRun>> | undefined;
afterEach(async () => {
	await app?.terminal.close();
	app = undefined;
	calledAs({ program: ['backout'] });
});

/** Returns the normal screen after the run of an app. */
const left = (hostStays?: boolean) => {
	if (app === undefined) {
		throw new Error('no run was opened');
	}
	const { run, following, verification } = app.run;
	return farewell({ run: run.get(), following: following.get(), verification: verification.get() }, night, hostStays);
};

it('names the run, its verdict and its report, as commands to paste', async () => {
	calledAs({ program: ['npx', 'backout'], config: '/etc/backout.yaml' });
	app = await openRun();
	const { run, id } = app;
	expect(left()).toEqual([
		expect.stringMatching(/ on production: keeps running on the host$/),
		`  run ${id}`,
		`  attach  npx backout --config /etc/backout.yaml attach ${id}`,
		`  cancel  npx backout --config /etc/backout.yaml cancel ${id}`,
		`  report  npx backout --config /etc/backout.yaml report ${id}`,
	]);
	run.run.update((now) => ({ ...now, state: 'succeeded' }));
	run.verification.set({ ...checks(night, []), final: true });
	expect(left()).toEqual([
		expect.stringMatching(/ on production: Rolled back and verified$/),
		`  run ${id}`,
		`  report  npx backout --config /etc/backout.yaml report ${id}`,
	]);
	// The demo's host is gone by then.
	expect(left(false).join('\n')).not.toContain(id.concat('\n  report'));
	expect(left(false).at(-1)).toContain('the demo host ends with this program');
});

it('says that the outcome is unknown, and how to ask again', async () => {
	app = await openRun();
	app.run.following.set({ status: 'lost', reason: 'no route to host' });
	expect(left()[0]).toContain('Outcome unknown: link lost');
	expect(left()).toContain(`  attach  backout attach ${app.id}`);
});

it('is what the dialogs and the verdict say, too', async () => {
	calledAs({ program: ['npx', 'backout'], config: '/etc/backout.yaml' });
	app = await openRun();
	await app.terminal.press('ctrl-c');
	await app.terminal.waitFor(`npx backout --config /etc/backout.yaml attach ${app.id}`);
	await app.terminal.press('esc');
	app.run.following.set({ status: 'lost', reason: 'no route to host' });
	await app.terminal.waitFor('Outcome unknown');
	// In a row of its own, so that it can be copied.
	expect(app.terminal.screen()).toContainEqual(
		expect.stringMatching(new RegExp(`^ npx backout --config /etc/backout.yaml attach ${app.id} *$`)),
	);
});
