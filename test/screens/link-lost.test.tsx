import { expect, it } from 'vitest';
import { checks, night } from './made-up.ts';
import { openApp } from './open-app.tsx';

const lost = { status: 'reconnecting', since: night, heardAt: night, retryAt: night + 4000, attempt: 1 } as const;

it.each([
	[120, 40],
	[80, 24],
	[200, 60],
])('everything is stale as soon as the header says that the link is lost, at %i×%i', async (columns, rows) => {
	const app = await openApp({ columns, rows });
	const { fake, terminal, text } = app;
	fake.stores.verification.set(checks(night, []));
	fake.stores.alerts.update((now) => ({ ...now, value: [], state: 'ok' }));
	await terminal.waitFor('✓ all 5 checks pass');
	await terminal.waitFor(/● (none firing|no alert is firing)/);
	fake.stores.link.set(lost);
	await terminal.waitFor('✗ link lost');
	await terminal.drawn();
	// No clock has moved, and nothing was read.
	expect(text()).toContain('? 5 of 5 checks unknown');
	expect(text()).not.toMatch(/✓|● (none|all)|no alert is firing/);
	for (const panel of ['1 Containers', '3 Health', '5 Alerts']) {
		expect(terminal.screen().find((row) => row.includes(panel))).toMatch(new RegExp(`${panel}[^┬┤]*◔ stale`));
	}
	expect(terminal.screen().find((row) => row.includes('Log of'))).toContain('lost');

	fake.stores.link.set({ status: 'up', since: night, heardAt: night });
	await terminal.waitFor('✓ all 5 checks pass');
	await terminal.waitFor(/● (none firing|no alert is firing)/);
	expect(text()).not.toContain('◔ stale');
});
