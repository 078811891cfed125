// Shows the screens over made-up readings, to look at them: `node_modules/.bin/esbuild test/screens/preview.tsx --bundle
// --platform=node --format=esm --packages=external --jsx=automatic --outfile=dist/preview.mjs && node dist/preview.mjs`.
import { App } from '../../src/app.tsx';
import { renderFullScreen } from '../../src/components/full-screen.tsx';
import type { RunState, StepRun } from '../../src/runbook/run.ts';
import { createFakeFleet } from './fake-fleet.ts';
import { createFakeWorkspace } from './fake-workspace.ts';
import { checks } from './made-up.ts';

const now = Date.now();
const fake = createFakeWorkspace({ now });
const { stores } = fake;

// Fresh readings every two seconds, as a target would send them; STALE=1 leaves them to grow old.
if (process.env.STALE !== '1') {
	setInterval(() => {
		const at = Date.now();
		for (const name of [
			'containers',
			'engine',
			'grafana',
			'metrics',
			'alerts',
			'commit',
			'backups',
			'disk',
			'logErrors',
		] as const) {
			const store = stores[name] as { update(change: (now: { at: number }) => unknown): void };
			store.update((reading) => ({ ...reading, at }));
		}
		stores.link.update((link) => ({ ...link, heardAt: at }));
		stores.verification.set(checks(at));
	}, 2000);
}
// A run takes a step every three seconds, then passes its checks one after another.
const bytes = new TextEncoder();
setInterval(() => {
	for (const { state } of fake.runs) {
		const run = state.run.get();
		if (run.state === 'running') {
			const at = run.steps.findIndex((step) => step.state === 'running');
			state.output.append(bytes.encode(`step ${at + 1}: done at ${new Date().toISOString()}\n`));
			const steps: StepRun[] = run.steps.map((step, index) =>
				index === at
					? { ...step, state: 'succeeded', endedAt: Date.now() }
					: index === at + 1
						? { ...step, state: 'running', startedAt: Date.now() }
						: step,
			);
			const done = at + 1 >= steps.length;
			state.run.set({ ...run, steps, state: (done ? 'succeeded' : 'running') as RunState });
			if (done) {
				state.verification.set({ ...checks(Date.now(), ['health']), deadlineAt: Date.now() + 300_000 });
			}
		} else if (run.state === 'succeeded') {
			const seen = state.verification.get();
			if (seen?.verdict === 'failed') {
				state.verification.set({ ...checks(Date.now(), []), holdingSince: Date.now() });
			} else if (seen !== undefined && !seen.final) {
				state.verification.set({ ...seen, final: true });
			}
		}
	}
}, 3000);

const screen = renderFullScreen(
	<App
		fleet={createFakeFleet([
			fake,
			createFakeWorkspace({
				now,
				target: { name: 'staging', host: 'deploy@10.0.0.7:2222', badge: undefined, readOnly: true },
			}),
		])}
		initial={{ kind: 'target', name: fake.workspace.target.name }}
		onExit={(code) => void screen.close().then(() => process.exit(code))}
	/>,
	{ output: process.stdout, input: process.stdin },
);
