import { openApp } from './open-app.tsx';

/** Opens the app and starts a run of three steps, as an operator does. */
export const openRun = async (options: Parameters<typeof openApp>[0] = {}) => {
	const opened = await openApp(options);
	const { terminal } = opened;
	await terminal.press('enter');
	await terminal.waitFor('4 choices');
	await terminal.press('enter');
	await terminal.waitFor('Nothing has changed yet.');
	await terminal.press('enter');
	await terminal.waitFor('Start it now?');
	await opened.arm();
	await terminal.press('y');
	await terminal.waitFor('Output of run');
	const started = opened.fake.runs[0];
	if (started === undefined) {
		throw new Error('no run was started');
	}
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
