import type { Guide, HintsSeen } from '../src/stores/onboarding-hints.ts';
import type { Workspace } from '../src/stores/workspace.ts';
import type { Incident } from './deployment/incidents.ts';

const titleOf = (workspace: Workspace, id: string): string =>
	workspace.procedures.find((procedure) => procedure.id === id)?.title ?? id;

/** True when a run has brought the service back: the one that was followed, or one of the journal. */
const isSolved = ({ readings }: Workspace, { run }: HintsSeen): boolean => {
	const verification = run?.verification.get();
	return (
		(verification?.final === true && verification.verdict === 'passed') ||
		readings.runs.get()?.[0]?.verdict === 'passed'
	);
};

/** A sentence that begins with a capital letter. */
const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

// Each fits into a row of 80 cells.
const onDashboard = (workspace: Workspace, seen: HintsSeen, { procedure, title }: Incident): string => {
	const { link, suggestion, runs } = workspace.readings;
	if (link.get().status !== 'up') {
		return 'The demo host is a real SSH server on this machine; its Docker is simulated.';
	}
	if (seen.run?.run.get().state === 'running') {
		return 'The run goes on: 9, then enter, shows it again.';
	}
	if (runs.get()?.[0]?.state === 'running') {
		return 'A run goes on: r, then enter, shows it.';
	}
	if (isSolved(workspace, seen)) {
		return 'It is verified. r: the runs, U there: undo · :terminal: in a shell · q: leave';
	}
	const suggested = suggestion.get()?.procedure;
	const wanted = titleOf(workspace, procedure);
	if (suggested === procedure) {
		return `enter: the plan of "${wanted}"; nothing changes yet.`;
	}
	return suggested === undefined
		? sentence(title)
		: `Type /${wanted.split(' ')[0]?.toLowerCase()}, enter twice: "${wanted}" fits better.`;
};

/** Says what can be done while a procedure, an undo or a retry is planned, from the choices to the start. */
const whilePlanning = ({ target, procedures }: Workspace, { procedure, stage }: HintsSeen): string => {
	switch (stage) {
		case 'choice':
			return 'j and k choose, enter goes on. The plan comes next; nothing changes yet.';
		case 'plan':
			return procedures.find(({ id }) => id === procedure)?.risk === 'read-only'
				? 'enter starts it: it only looks.'
				: 'Read it: j scrolls, o unfolds. enter asks once more; nothing changes yet.';
		case 'refused':
			return 'It is refused, and the plan says why. esc: another choice · R: a new plan';
		case 'confirm':
			return 'y starts it. Anything else is No, and nothing has changed.';
		case 'confirm-by-name':
			return `Type ${target.name}, enter, a reason, enter: that starts it. esc: no.`;
		case 'starting':
			return 'It is being started on the host.';
		default:
			return 'The host is being read; nothing changes.';
	}
};

const onRun = ({ run }: HintsSeen): string => {
	const { state, plan } = run?.run.get() ?? {};
	if (state === 'running') {
		return 'It runs on the host. Watch its steps; then the checks turn green.';
	}
	if (state !== 'succeeded') {
		return 'It did not end well. U plans the undo, esc goes to the dashboard.';
	}
	const verification = run?.verification.get();
	const settling = verification === undefined ? '' : ` for ${verification.settleSeconds} s`;
	// A verification alone changes nothing.
	if (plan?.steps.length === 0) {
		return verification?.final
			? 'That is what the checks say. enter: what each asked · esc: back'
			: `It only looks. It counts once all checks have passed together${settling}.`;
	}
	if (verification === undefined || !verification.final) {
		return `The steps are done. It counts once all checks pass together${settling}.`;
	}
	const isUndo = plan?.procedure === 'undo';
	if (verification.verdict === 'passed') {
		return isUndo
			? 'Verified. An undo can be undone, too · esc: the dashboard, where q leaves.'
			: 'Verified. U plans the undo · esc: the dashboard, where q leaves.';
	}
	return isUndo
		? 'The checks do not pass: the incident is back. o: the procedure that fits.'
		: 'The checks do not pass. o: the procedure that fits now · U plans the undo.';
};

/** The guide of a demo: follows the operator from the incident to a verified finish. */
export const createGuide =
	(incident: Incident): Guide =>
	(workspace, seen) => {
		switch (seen.place) {
			case 'procedure':
				return whilePlanning(workspace, seen);
			case 'undo':
				return seen.stage === 'plan'
					? 'The plan of an undo: enter goes on. It brings the incident back.'
					: whilePlanning(workspace, seen);
			case 'retry':
				return seen.stage === 'plan'
					? 'The same again, from the step that failed: enter, and y starts it.'
					: whilePlanning(workspace, seen);
			case 'run':
				return onRun(seen);
			case 'checks':
				return 'What each check asked, the answer, and when. esc: back.';
			case 'runs':
				return (workspace.readings.runs.get() ?? []).length === 0
					? 'The journal on the host: nothing has been run yet. esc: back'
					: 'The journal on the host. enter: a run and its output · U: undo · esc: back';
			case 'history':
				return 'What was deployed, whoever did it. R: read it again · esc: back';
			case 'container':
				return 'One container. l: its log · r: restart · x: not in the demo · esc: back';
			case 'logs':
				return 'E e: errors above and below · /: search · &: filter · l: services · esc: back';
			default:
				return onDashboard(workspace, seen, incident);
		}
	};
