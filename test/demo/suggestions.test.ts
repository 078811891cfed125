import { expect, test } from 'vitest';
import { incidentNames, incidentOf } from '../../demo/deployment/incidents.ts';
import { serveDemo } from './demo.ts';

test.concurrent.each(incidentNames)(
	'what is suggested first solves the incident %s, and says what was seen',
	async (name) => {
		const demo = await serveDemo(name);
		try {
			const wanted = incidentOf(name)?.procedure;
			let suggested: { procedure: string; why: string } | undefined;
			// The facts about an incident arrive one by one, so repeat until something is suggested for it.
			for (const end = Date.now() + 60_000; suggested === undefined && Date.now() < end; ) {
				const { stdout } = await demo.backoutApart('status', '--json');
				suggested = JSON.parse(stdout.split('\n')[0] ?? '{}').suggestion;
			}
			expect(suggested).toMatchObject({ procedure: wanted, why: expect.stringMatching(/\(.{10,}\)/) });
		} finally {
			await demo.stop();
		}
	},
	240_000,
);
