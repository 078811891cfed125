import { dayAndTime, moment, stopwatch, timeOfDay } from '../../components/format-time.ts';
import { checkSigns, runSigns, type StatusIcon, stepSigns, waitsSign } from '../../components/status-icons.ts';
import type { MissingHost } from '../../runbook/missing-host.ts';
import type { RunSummary } from '../../runbook/run.ts';
import { html, type Markup } from './html.ts';
import type { RunFacts, StepFacts } from './page-facts.ts';

const took = (
	{ startedAt, endedAt }: { readonly startedAt?: number; readonly endedAt?: number },
	now: number,
): string => (startedAt === undefined ? '' : stopwatch((endedAt ?? now) - startedAt));

const stepRow = (step: StepFacts, index: number, now: number): Markup => {
	const sign = stepSigns[step.state];
	const word = step.waits ? 'waits for an operator' : sign.word;
	const exit = step.exitCode === undefined || step.exitCode === 0 ? '' : `, exit ${step.exitCode}`;
	const look = step.state === 'pending' ? 'muted' : step.state === 'running' ? 'strong' : '';
	return html`<li class="row"><span class="sign ${sign.tone}" aria-hidden="true">${sign.glyph}</span><span class="${look}">${index + 1}. ${step.title}</span><span class="once ${sign.tone}">${word}${exit} <span class="muted">${took(step, now)}</span></span></li>`;
};

/** Returns the panel of the run that is shown in full. */
export const runPanel = (run: RunFacts, now: number): Markup => {
	const { words, tone, more } = run.headline;
	const done = run.steps.filter(({ state }) => state === 'succeeded').length;
	return html`<div class="panel wide"><h3>${run.endedAt === undefined ? 'Run in progress' : 'Newest run'}</h3>
<p class="strong">${run.title}</p>
<p class="reason">by ${run.who.user}@${run.who.machine}, started ${moment(run.startedAt, now)}, ${run.endedAt === undefined ? 'for' : 'took'} ${took(run, now)}${run.reason === '' ? '' : `: ${run.reason}`}</p>
<p class="bar gap ${tone}">${words}</p>
${more === '' ? undefined : html`<p class="gap">${more}</p>`}
${run.steps.length === 0 ? undefined : html`<h3 class="gap">Steps, ${done} of ${run.steps.length} done</h3><ol>${run.steps.map((step, index) => stepRow(step, index, now))}</ol>`}
${run.output.length === 0 ? undefined : html`<h3 class="gap">${run.before === 0 ? 'Output' : `Output, the last ${run.output.length} of ${run.before + run.output.length} lines`}</h3><pre tabindex="0">${run.output.map((line) => html`${line}\n`)}</pre>`}
<p class="reason gap">run ${run.id}</p></div>`;
};

const signOf = ({ state, verdict, waits, unchecked }: RunSummary): StatusIcon =>
	waits !== undefined
		? waitsSign
		: state === 'succeeded' && (verdict !== undefined || unchecked !== true)
			? checkSigns[verdict ?? 'unknown']
			: runSigns[state];

const stateOf = (run: RunSummary): string => {
	if (run.waits !== undefined) {
		return 'waits for an operator';
	}
	if (run.state !== 'succeeded') {
		return runSigns[run.state].word;
	}
	return run.verdict === undefined
		? run.unchecked === true
			? 'steps done, no checks'
			: 'steps done, not verified'
		: run.verdict === 'passed'
			? 'verified'
			: `verification ${checkSigns[run.verdict].word}`;
};

const timelineRow = (run: RunSummary, runs: readonly RunSummary[], now: number): Markup => {
	const sign = signOf(run);
	const undo = runs.find(
		({ procedure, from, state }) => procedure === 'undo' && from === run.id && state === 'succeeded',
	);
	const undone = undo === undefined ? '' : `, undone ${moment(undo.startedAt, now)}`;
	const today = new Date(run.startedAt).toDateString() === new Date(now).toDateString();
	return html`<li class="row"><span class="sign ${sign.tone}" aria-hidden="true">${sign.glyph}</span><span><span class="muted">${today ? timeOfDay(run.startedAt) : dayAndTime(run.startedAt)}</span> ${run.title}</span><span class="once ${sign.tone}">${stateOf(run)}${undone} <span class="muted">${took(run, now)}</span></span><span class="reason">${run.who.user}@${run.who.machine}${run.node === undefined ? '' : `, on ${run.node}`}${run.reason === '' ? '' : `: ${run.reason}`}${run.damaged === undefined ? '' : ` (damaged: ${run.damaged})`}</span></li>`;
};

/** Returns the panel with the runs, the newest first. */
export const timelinePanel = (
	runs: readonly RunSummary[] | undefined,
	missing: readonly MissingHost[],
	now: number,
): Markup => {
	if (runs === undefined) {
		return html`<div class="panel"><h3>Runs</h3><p class="muted">? not read yet</p></div>`;
	}
	return html`<div class="panel"><h3>Runs, the newest first</h3>${missing.map(
		({ host, reason }) => html`<p class="warn">▲ The runs of ${host} are missing: ${reason}</p>`,
	)}${
		runs.length === 0
			? html`<p class="muted">Nothing has been run ${missing.length === 0 ? 'here yet' : 'by way of the hosts that answer'}.</p>`
			: html`<ol>${runs.map((run) => timelineRow(run, runs, now))}</ol>`
	}</div>`;
};
