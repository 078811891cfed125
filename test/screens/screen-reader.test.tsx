import { describe, expect, it } from 'vitest';
import { spokenText } from '../../src/components/screen-reader.ts';
import { openApp } from './open-app.tsx';
import { openRun } from './open-run.ts';

/** Characters that are drawings, not words. */
const drawing = /[\u2500-\u259f\u25a0-\u25ff✓✗›▸·–]/;

describe('to a screen reader', () => {
	it.each([
		['─ 1 Containers ──────── ✗ 1 down of 7 ─', '1 Containers, 1 down of 7'],
		['  ● ibgateway   healthy      –     6d  41% ███·····  812M', 'ibgateway, healthy, none, 6d, 41%, 812M'],
		[' · 3. Wait until it is up        pending ', '3. Wait until it is up, pending'],
		['? 2 of 5 checks unknown  health', '2 of 5 checks unknown, health'],
		[' Enter open plan  ? all keys', 'Enter open plan, ? all keys'],
		['▸ Output of run x ─── following · 43 lines ─', 'Output of run x, following, 43 lines'],
		['│ docker compose up -d │', 'docker compose up -d'],
		['────────────', ''],
	])('%j is %j', (shown, spoken) => {
		expect(spokenText(shown)).toBe(spoken);
	});

	it('the dashboard is headings and states in words, and nothing drawn', async () => {
		const app = await openApp({ screenReader: true });
		expect(app.text()).toMatch(
			/^production, root@94\.130\.228\.55:\/srv\/abstractfinance, link up 45 ms, 03:10 UTC\S*$/m,
		);
		expect(app.text()).toMatch(/^2 of 5 checks failed, containers, health, a1b2c3d main/m);
		expect(app.text()).toMatch(/^Panel 1 Containers, 1 down/m);
		expect(app.text()).toMatch(/^Panel 7 Procedures, focused$/m);
		expect(app.text()).toMatch(/^Selected: Engine crash after a deployment, disruptive$/m);
		expect(app.text()).not.toMatch(drawing);
		const numbers = [...app.text().matchAll(/^Panel (\d) /gm)].map(([, number]) => Number(number));
		expect(numbers).toEqual(numbers.toSorted());
		expect(numbers.length).toBeGreaterThan(6);
		await app.terminal.press('1');
		await app.terminal.waitFor(/^Selected: trading-engine, restarting, 7 restarts, not up/m);
		expect(app.text()).toMatch(/^ibgateway, healthy, no restarts, up 6d, CPU 41%, memory 812 MiB/m);
		await app.terminal.press('9');
		await app.terminal.waitFor('03:10:02 ERROR leverage above the cap');
		expect(app.text()).not.toMatch(drawing);
	});

	it('a plan, its question and its run are said in the same way', async () => {
		const opened = await openRun({ screenReader: true });
		const raw = opened.terminal.raw;
		expect(raw).toContain('Selected: 1. Save a restore point, 1m at most');
		expect(raw).toContain('3 pre-flight checks pass');
		expect(raw).toContain('Dialog: Disruptive');
		expect(raw).toContain('Start it now? y starts, [No] Enter, n, Esc');
		await opened.terminal.waitFor(/^Running, step 1 of 3: Save a restore point$/m);
		expect(opened.text()).toMatch(/^1\. Save a restore point, running, 0:00$/m);
		expect(opened.text()).toMatch(/^2\. Build the commit beside what runs, pending$/m);
		expect(opened.text()).toMatch(/^Panel Output of run \S+, following/m);
		expect(opened.text()).not.toMatch(drawing);
	});

	it('what is selected in a dialog is said', async () => {
		const app = await openApp({ screenReader: true });
		await app.terminal.press('ctrl-c');
		await app.terminal.waitFor(/^Dialog: Leave\?$/m);
		await app.terminal.waitFor(/^Selected: Stay$/m);
		await app.arm();
		await app.terminal.press('j');
		await app.terminal.waitFor(/^Selected: q Quit$/m);
		expect(app.text()).not.toMatch(/^Selected: Stay$/m);
	});

	it('nothing is said again while nothing changes', async () => {
		const app = await openApp({ screenReader: true });
		const before = app.terminal.raw.length;
		app.clock.update((now) => now + 1000);
		await app.terminal.settle();
		expect(app.terminal.raw.length).toBe(before);
	});
});
