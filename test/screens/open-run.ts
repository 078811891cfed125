import { onTestFinished, vi } from 'vitest';
import { type OpenedApp, openApp } from './open-app.tsx';

/** The calls that started a run. */
export const startedRuns = (opened: OpenedApp) => opened.fake.calls.filter((call) => call.startsWith('start'));

/** Nearly stops the time by which questions are guarded: however busy the machine is, the next key comes at once. */
export const holdTime = () => {
	let time = performance.now();
	const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
		time += 0.001;
		return time;
	});
	onTestFinished(() => clock.mockRestore());
};

/** Goes from the dashboard to the open confirmation. */
export const toQuestion = async ({ terminal }: OpenedApp) => {
	await terminal.press('enter');
	await terminal.waitFor('4 choices');
	await terminal.press('enter');
	await terminal.waitFor('Nothing has changed yet.');
	await terminal.press('enter');
	await terminal.waitFor('Start it now?');
};

/** Starts a run of three steps from the dashboard, as an operator does. */
export const startRun = async (opened: OpenedApp) => {
	await toQuestion(opened);
	await opened.arm();
	await opened.terminal.press('y');
	await opened.terminal.waitFor('Output of run');
	const started = opened.fake.runs[0];
	if (started === undefined) {
		throw new Error('no run was started');
	}
	return started;
};

/** Opens the app and starts a run. */
export const openRun = async (options: Parameters<typeof openApp>[0] = {}) => {
	const opened = await openApp(options);
	const started = await startRun(opened);
	return { ...opened, run: started.state, id: started.run.id };
};

/** Lets a run end with its first step, by exit code 17, once there is a restore point. */
export const failFirstStep = ({ run }: Awaited<ReturnType<typeof openRun>>['run']): void => {
	run.update((now) => ({
		...now,
		state: 'failed',
		facts: { restore_point: 'rp-1' },
		steps: now.steps.map((step, index) =>
			index === 0 ? { ...step, state: 'failed', exitCode: 17 } : { ...step, state: 'skipped' },
		),
	}));
};
