import type { Guide, HintsSeen } from '../src/stores/onboarding-hints.ts';
import type { Workspace } from '../src/stores/workspace.ts';
import type { Incident } from './deployment/incidents.ts';

const titleOf = (workspace: Workspace, id: string): string =>
	workspace.procedures.find((procedure) => procedure.id === id)?.title ?? id;

/** Whether a run has brought the service back: the one that was followed, or one of the journal. */
const isSolved = ({ readings }: Workspace, { run }: HintsSeen): boolean => {
	const verification = run?.verification.get();
	return (
		(verification?.final === true && verification.verdict === 'passed') ||
		readings.runs.get()?.[0]?.verdict === 'passed'
	);
};

const onDashboard = (workspace: Workspace, seen: HintsSeen, { procedure, title }: Incident): string => {
	const { link, suggestion } = workspace.readings;
	if (link.get().status !== 'up') {
		return `The demo host is a real SSH server on this machine; Docker on it is played. What happened: ${title}.`;
	}
	if (seen.run?.run.get().state === 'running') {
		return 'The run goes on: 8, then enter, shows it again.';
	}
	if (isSolved(workspace, seen)) {
		return 'It is verified. r: the runs, U there undoes one · ?: all keys · q: leave, nothing stays.';
	}
	const suggested = suggestion.get()?.procedure;
	const wanted = titleOf(workspace, procedure);
	if (suggested === procedure) {
		return `enter: the plan of what is suggested, "${wanted}". It changes nothing yet.`;
	}
	return suggested === undefined
		? `What happened: ${title}. Watch the symptoms appear.`
		: `Another procedure fits better: press / and type ${wanted.split(' ')[0]?.toLowerCase()}, then enter twice for "${wanted}".`;
};

const onProcedure = (workspace: Workspace, { procedure }: HintsSeen): string => {
	const risk = workspace.procedures.find(({ id }) => id === procedure)?.risk;
	return risk === 'destructive'
		? 'Choose with j and k, enter goes on. Read the plan; then enter, the name demo and a reason start it.'
		: 'Choose with j and k, enter goes on. Read the plan: nothing has changed yet. Then enter, and y starts it.';
};

const onRun = ({ run }: HintsSeen): string => {
	const { state, plan } = run?.run.get() ?? {};
	if (state === 'running') {
		return 'It runs on the host, not in this window: closing the window would not stop it. Watch its steps and output.';
	}
	if (state !== 'succeeded') {
		return 'It did not end well. U plans the undo, esc goes to the dashboard.';
	}
	const verification = run?.verification.get();
	if (verification === undefined || !verification.final) {
		return 'The steps are done. It counts once all checks have passed together for 5 s.';
	}
	const after = plan?.procedure === 'undo' ? 'An undo can be undone, too' : 'U plans the undo';
	return verification.verdict === 'passed'
		? `Verified. ${after} · esc: the dashboard, where q leaves; nothing stays.`
		: `The checks do not pass. o: the procedure that fits now · ${after}.`;
};

/** The guide of a demo: follows the operator from the incident to a verified finish. */
export const createGuide =
	(incident: Incident): Guide =>
	(workspace, seen) => {
		switch (seen.place) {
			case 'procedure':
				return onProcedure(workspace, seen);
			case 'undo':
				return 'An undo is a plan like any other: read it, then enter. It brings the incident back.';
			case 'retry':
				return 'The same again, from the step that failed: read the plan; enter, and y starts it.';
			case 'run':
				return onRun(seen);
			case 'checks':
				return 'What each check asked, the answer, and when. esc: back.';
			case 'runs':
				return 'The journal, as the host keeps it. enter: a run again, with all its output · U: undo it · esc: back.';
			case 'container':
				return 'One container: state, image, ports, environment, log. tab: to its log · l: the log alone · esc: the dashboard.';
			case 'logs':
				return 'e: the error before · /: search · &: filter · l: more services beside it · ?: all keys · esc: the dashboard.';
			default:
				return onDashboard(workspace, seen, incident);
		}
	};
