import { describe, expect, test } from 'vitest';
import { createFakeWorkspace } from '../screens/fake-workspace.ts';
import { night } from '../screens/made-up.ts';
import { leaks, poisoned } from '../security/poison.ts';
import { pageOf, shownTarget, wordsOf } from './fixture.ts';

describe('what the page shows', () => {
	test('the target with badge and state, its checks, containers, readings and runs', () => {
		const words = wordsOf(pageOf([shownTarget().shown]));
		expect(words).toMatch(/production .*root@94\.130\.228\.55:\/srv\/abstractfinance · ● link up/);
		expect(words).toContain('✗ failing ✗ 2 of 5 checks failed');
		expect(words).toMatch(/✗ Container health failed trading-engine restarts ✗ Health endpoint failed/);
		expect(words).toMatch(/✗ trading-engine restarting 7 – – /);
		expect(words).toMatch(/● ibgateway healthy 0 6d/);
		expect(words).toContain('EngineDown');
		expect(words).toContain('Suggested: engine-crash , trading-engine restarts again and again');
		expect(words).toMatch(/Roll back to a commit verified 4:00 mara@laptop: orders rejected/);
	});

	test('a run that goes on: who, why, each step, and the last lines of its output', async () => {
		const { shown, start } = shownTarget();
		const { output } = await start();
		output.append(Buffer.from(`${Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n')}\n`));
		const words = wordsOf(pageOf([shown]));
		expect(words).toMatch(
			/Run in progress Roll back to a commit by mara@laptop, started 03:10, for 0:00: the engine restarts/,
		);
		expect(words).toMatch(
			/Running step 1 of 3: Save a restore point Steps, 0 of 3 done ▸ 1\. Save a restore point running/,
		);
		expect(words).toContain('Output, the last 60 of 100 lines line 40 line 41');
		expect(words).toContain('line 99');
	});

	test('nothing is green above a run that is not verified yet, although all checks pass now', async () => {
		const { shown, start, fake } = shownTarget();
		fake.stores.containers.update((reading) => ({
			...reading,
			state: 'ok',
			value: (reading.value ?? []).map((one) => ({ ...one, state: 'ok', status: 'running' })),
		}));
		fake.stores.verification.update(
			(now) => now && { ...now, checks: now.checks.map((one) => ({ ...one, state: 'passed' })) },
		);
		expect(pageOf([shown])).toMatch(/class="bar good"/);
		const { run, verification } = await start();
		expect(pageOf([shown])).not.toMatch(/class="bar (?:gap )?(?:good|triumph)"/);
		run.update((now) => ({
			...now,
			state: 'succeeded',
			endedAt: night,
			steps: now.steps.map((step) => ({ ...step, state: 'succeeded', endedAt: night })),
		}));
		expect(wordsOf(pageOf([shown]))).toContain('Steps done, verifying');
		expect(pageOf([shown])).not.toMatch(/class="bar (?:gap )?(?:good|triumph)"/);
		const passed = createFakeWorkspace().stores.verification.get();
		verification.set(passed && { ...passed, verdict: 'passed', final: true, checks: [], reason: 'all passed' });
		expect(pageOf([shown])).toMatch(/class="bar gap triumph"/);
	});

	test('a run whose link is lost is unknown, and one that waits says for whom and names no key', async () => {
		const { shown, start } = shownTarget();
		const { following, run } = await start();
		following.set({ status: 'lost', reason: 'no answer for 20 s' });
		expect(wordsOf(pageOf([shown]))).toContain(
			'Outcome unknown: link lost, the run is probably still going on no answer for 20 s',
		);
		following.set({ status: 'live' });
		run.update((now) => ({
			...now,
			plan: {
				...now.plan,
				steps: now.plan.steps.map((step, index) =>
					index === 0 ? { ...step, kind: 'manual', title: 'Call the broker', text: 'Ask for the positions.' } : step,
				),
			},
		}));
		const words = wordsOf(pageOf([shown]));
		expect(words).toContain('Waiting for an operator: Call the broker Ask for the positions.');
		expect(words).not.toContain('press');
	});

	test('several targets: the worst first, in a list and below it', () => {
		const well = shownTarget({ target: { name: 'staging', badge: 'staging' } });
		well.fake.stores.containers.update((reading) => ({ ...reading, state: 'ok' }));
		well.fake.stores.verification.update(
			(now) => now && { ...now, checks: now.checks.map((one) => ({ ...one, state: 'passed' })) },
		);
		const page = pageOf([well.shown, shownTarget().shown]);
		const words = wordsOf(page);
		expect(words).toMatch(
			/Targets .* production ✗ failing ✗ 2\/5 containers, health 6\/7 .*staging ● well ✓ all 5 pass/,
		);
		expect(page.indexOf('<h2>production')).toBeLessThan(page.indexOf('<h2>staging'));
		expect(page).toContain('<title>✗ production failing - backout</title>');
	});

	test('a stale or missing reading is not shown as well', () => {
		const words = wordsOf(pageOf([shownTarget().shown], night + 120_000));
		expect(words).toMatch(/\? disk 71 % used, 21 GiB free stale, 2m old/);
		const { fake, shown } = shownTarget();
		fake.stores.containers.set({
			value: undefined,
			state: 'unknown',
			reason: 'docker does not answer',
			at: 0,
			maxAgeMs: 1,
		});
		expect(wordsOf(pageOf([shown]))).toContain('Containers ? unknown: docker does not answer');
	});
});

describe('a target with several hosts', () => {
	test('has the place of the one that is asked, and the runs of the others that answer', () => {
		const { shown, fake } = shownTarget();
		fake.stores.link.update((link) => ({ ...link, host: 'ops@m2', instead: 'instead of ops@m1 (refused)' }));
		fake.stores.runs.update((runs) => runs?.map((run) => ({ ...run, node: 'ops@m3' })));
		fake.stores.runsMissing.set([{ host: 'ops@m1', reason: 'refused' }]);
		const words = wordsOf(pageOf([shown]));
		expect(words).toContain(`ops@m2:${fake.workspace.target.directory}`);
		expect(words).toContain('▲ instead of ops@m1 (refused)');
		expect(words).toContain('▲ The runs of ops@m1 are missing: refused');
		expect(words).toMatch(/mara@laptop, on ops@m3/);
		fake.stores.runs.set([]);
		expect(wordsOf(pageOf([shown]))).toContain('Nothing has been run by way of the hosts that answer.');
	});
});

describe('a hostile host', () => {
	const tag = '<img src=x onerror=alert(1)><script>alert(2)</script>';
	const quote = '" onmouseover="alert(3)" x=\'';

	test('names, reasons and lines of output are text, whatever they contain', async () => {
		const { shown, start, fake } = shownTarget({
			target: { name: `prod${tag}`, host: `h${quote}`, directory: tag, badge: `b${quote}${tag}` },
			containers: (usual) =>
				usual.map((one) => ({ ...one, service: `s${tag}`, status: quote, health: `h${tag}${quote}` })),
		});
		for (const store of [fake.stores.alerts, fake.stores.logErrors, fake.stores.engine]) {
			store.update((reading) => ({ ...reading, reason: tag }) as never);
		}
		fake.stores.commit.update((reading) => ({
			...reading,
			value: reading.value && { ...reading.value, subject: tag, branch: quote },
		}));
		fake.stores.link.update((link) => ({ ...link, status: 'refused', reason: tag, next: quote }));
		fake.stores.suggestion.set({ procedure: tag, why: `${quote}${tag}` });
		fake.stores.lock.set({ run: tag, who: { user: tag, machine: quote }, since: night, reason: tag, procedure: tag });
		fake.stores.runs.update((runs = []) => runs.map((run) => ({ ...run, title: tag, reason: quote, damaged: tag })));
		fake.stores.verification.update(
			(now) => now && { ...now, checks: now.checks.map((one) => ({ ...one, title: tag, reason: `${quote}${tag}` })) },
		);
		const { output, run } = await start({}, `${tag}${quote}`);
		output.append(Buffer.from(`</pre></main>${tag}\n${quote}\n`));
		run.update((now) => ({
			...now,
			plan: { ...now.plan, title: tag, steps: now.plan.steps.map((step) => ({ ...step, title: `${tag}${quote}` })) },
		}));
		const page = pageOf([shown]);
		// The page's own elements and attributes, and no other.
		expect(page.match(/<script/g)).toHaveLength(1);
		expect(page).not.toContain('<img');
		expect(page.match(/<\/pre>/g)).toHaveLength(1);
		expect(page.match(/<\/main>/g)).toHaveLength(1);
		const attributes = [...page.matchAll(/<[a-z][^>]*>/g)].flatMap(([element]) =>
			[...element.matchAll(/\s([a-z-]+)=/g)].map(([, name = '']) => name),
		);
		expect([...new Set(attributes)].filter((name) => name.startsWith('on') || name === 'src')).toEqual([]);
		expect(wordsOf(page)).toContain('&lt;img src=x onerror=alert(1)&gt;');
	});

	test('what would control a terminal or hide text does not reach the page either', async () => {
		const { shown, start } = shownTarget({
			containers: (usual) => usual.map((one) => ({ ...one, service: poisoned(one.service) })),
		});
		const { output } = await start({}, poisoned('reason'));
		output.append(Buffer.from(`${poisoned('line')}\n`));
		const page = pageOf([shown]).replace(/<(style|script)>.*?<\/\1>/gs, '');
		expect(leaks(page.replaceAll('\t', ''), { screen: false })).toEqual([]);
		expect(page).toContain('trading-engine');
	});

	test('secrets are masked: what looks like one, and the secret inputs of the run', async () => {
		const { shown, start, fake } = shownTarget({
			containers: (usual) => usual.map((one) => ({ ...one, service: 'web DB_PASSWORD=hunter2hunter2' })),
		});
		fake.stores.link.update((link) => ({
			...link,
			status: 'refused',
			reason: 'postgres://u:hunter2hunter2@db/x failed',
		}));
		const { output } = await start({ api_token: 'sw0rdfish-9917' }, 'with sw0rdfish-9917');
		output.append(Buffer.from('posted API_KEY=hunter2hunter2 and sw0rdfish-9917\n'));
		const page = pageOf([shown]);
		expect(page).not.toMatch(/hunter2hunter2|sw0rdfish-9917/);
		expect(page).toContain('••••');
	});
});
