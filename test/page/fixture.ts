import { pageFacts, type ShownTarget } from '../../src/commands/page/page-facts.ts';
import { pageHtml } from '../../src/commands/page/page-html.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import type { FollowedRun } from '../../src/stores/workspace.ts';
import { createFakeWorkspace, type FakeOptions } from '../screens/fake-workspace.ts';
import { night, planFor, procedures } from '../screens/made-up.ts';

const runbook = { monitors: { metrics: {}, alerts: {}, commit: {}, backups: {}, disk: {}, logErrors: {} } };

/** A made-up target as the page gets it; `start` begins a run that the page follows. */
export const shownTarget = (options: FakeOptions = {}) => {
	const fake = createFakeWorkspace(options);
	let followed: FollowedRun | undefined;
	const shown: ShownTarget = {
		target: { name: fake.workspace.target.name, readOnly: false, runbook } as unknown as Target,
		workspace: fake.workspace,
		run: { get: () => followed },
	};
	const start = async (inputs: Readonly<Record<string, string>> = {}, reason = 'the engine restarts') => {
		const [procedure] = procedures.filter(({ id }) => id === 'rollback-commit');
		if (procedure === undefined) {
			throw new Error('no such procedure');
		}
		followed = await fake.workspace.actions.start(planFor(procedure, inputs, night), reason);
		return fake.runs.at(-1)?.state ?? fail();
	};
	return { fake, shown, start };
};

const fail = (): never => {
	throw new Error('no run was started');
};

/** The page of these targets, at the time of the made-up readings. */
export const pageOf = (shown: readonly ShownTarget[], now = night): string =>
	pageHtml(pageFacts(shown, { at: now, ended: false }));

/** The words of a page, without its style and script. */
export const wordsOf = (page: string): string =>
	page
		.replace(/<(style|script)>.*?<\/\1>/gs, '')
		.replace(/<[^>]+>/g, ' ')
		.replace(/\s+/g, ' ');
