import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Host, openHost } from '../../kubernetes/harness/shell.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-helm-'));
	writeFileSync(
		join(folder, 'kubectl'),
		`#!/bin/sh
case "$*" in *deployments.apps*) echo 'shop shop  ' ;; *) cat '${folder}/releases' ;; esac
`,
	);
	chmodSync(join(folder, 'kubectl'), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What kubectl prints of releases: name, status, revision, and the times of the mark. */
const releases = (...rows: readonly (readonly string[])[]) =>
	writeFileSync(join(folder, 'releases'), rows.map((row) => `${row.join('\t')}\n`).join(''));
const ago = (seconds: number) => String(Math.round(Date.now() / 1000) - seconds);

describe.each([[['dash']], [['bash', '--posix']], [['busybox', 'sh']]])('%s', (shell) => {
	let host: Host;
	beforeEach(() => {
		host = openHost('live', { PATH: `${folder}:${process.env.PATH}` }, shell as [string, ...string[]]);
	});
	afterEach(() => host.remove());

	test('an action of Helm that has not ended is named with its age and the next move', async () => {
		releases(
			['shop', 'pending-upgrade', '7', '', ago(200), '2026-11-29T20:00:00Z'],
			['blog', 'pending-install', '1', ago(31), '', '2026-11-29T20:00:00Z'],
		);
		const said = (await host.must('helm_state')).split('\n');
		expect(said[0]).toBe(
			'release shop is pending-upgrade for 3 min (revision 7): if that command still runs, it may change this again, so wait for it or end it; if it does not, helm refuses every upgrade until `helm rollback shop --namespace live`',
		);
		expect(said[1]).toMatch(
			/^release blog is pending-install for 3\d s .*until `helm uninstall blog --namespace live`$/,
		);
		// Only what the selector chooses is the deployment's.
		expect((await host.must('helm_state', { kube_selector: 'app=shop' })).split('\n')).toEqual([said[0]]);
	});

	test('refuses a rollback only where the runbook says so', async () => {
		releases(['shop', 'pending-upgrade', '7', '', '', '2026-11-29T20:00:00Z']);
		expect(await host.run('look_helm')).toMatchObject({
			code: 0,
			text: expect.stringContaining('pending-upgrade for'),
		});
		expect((await host.run('look_helm', { helm: 'refuse' })).code).toBe(1);
		releases();
		expect(await host.run('look_helm', { helm: 'refuse' })).toEqual({
			code: 0,
			text: 'no action of Helm is under way',
		});
	});
});
