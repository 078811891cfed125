import { bytes, figure } from '../../components/figures.ts';
import { age, ago, duration } from '../../components/format-time.ts';
import type { Line } from '../../components/line.ts';
import { checkSigns, readingSigns, type StatusIcon } from '../../components/status-icons.ts';
import { standingSigns } from '../../screens/targets/target-rows.ts';
import { html, type Markup } from './html.ts';
import type { TargetFacts } from './page-facts.ts';
import { runPanel, timelinePanel } from './run-html.ts';

const spans = (line: Line): Markup => html`${line.map(({ text, tone }) => html`<span class="${tone}">${text}</span>`)}`;

const sign = ({ glyph, tone }: StatusIcon): Markup =>
	html`<span class="sign ${tone}" aria-hidden="true">${glyph}</span>`;

const badgeOf = ({ badge, production }: TargetFacts): Markup | undefined =>
	badge === '' ? undefined : html`<span class="badge ${production ? 'production' : ''}">${badge}</span>`;

const checksPanel = ({ now: { checks = [], at } }: TargetFacts): Markup =>
	html`<div class="panel"><h3>Checks</h3>${
		checks.length === 0
			? html`<p class="muted">? not checked yet</p>`
			: html`<ul>${checks.map(
					({ title, state, reason, at: readAt }) =>
						html`<li class="row">${sign(checkSigns[state])}<span>${title}</span><span class="once ${checkSigns[state].tone}">${checkSigns[state].word}</span><span class="reason">${reason}${readAt > 0 && at - readAt >= 60_000 ? `, ${ago(at - readAt)}` : ''}</span></li>`,
				)}</ul>`
	}</div>`;

const containersPanel = ({ now: { containers, at }, containersDoubts }: TargetFacts): Markup => {
	const { value, state, stale } = containers;
	if (value === undefined) {
		return html`<div class="panel"><h3>Containers</h3><p class="warn">? ${containersDoubts}</p></div>`;
	}
	const rows = value.map(
		({ service, state: own, health, status, restarts, startedAt, cpuPercent, memoryBytes }) =>
			html`<tr><td><span class="${readingSigns[own].tone}" aria-hidden="true">${readingSigns[own].glyph}</span> ${service}</td><td class="${readingSigns[own].tone}">${health ?? status}</td><td class="number">${restarts}</td><td class="number">${startedAt === undefined || status !== 'running' ? '–' : duration(Math.max(0, at - startedAt))}</td><td class="number spare">${cpuPercent === undefined ? '–' : `${figure(cpuPercent)} %`}</td><td class="number spare">${memoryBytes === undefined ? '–' : bytes(memoryBytes)}</td></tr>`,
	);
	return html`<div class="panel"><h3>Containers</h3>${
		containersDoubts === ''
			? undefined
			: html`<p class="${stale ? 'warn' : readingSigns[state].tone}">${containersDoubts}</p>`
	}<table><thead><tr><th>service</th><th>state</th><th class="number">restarts</th><th class="number">up for</th><th class="number spare">CPU</th><th class="number spare">memory</th></tr></thead><tbody>${rows}</tbody></table></div>`;
};

const readingsPanel = ({ readings }: TargetFacts): Markup | undefined =>
	readings.length === 0
		? undefined
		: html`<div class="panel"><h3>Readings</h3><ul>${readings.map(
				({ state, text, doubts, more }) =>
					html`<li class="row">${sign(readingSigns[state])}<span>${text}</span><span></span>${
						doubts === '' ? undefined : html`<span class="reason">${doubts}</span>`
					}${more.map((line) => html`<span class="reason">${line}</span>`)}</li>`,
			)}</ul></div>`;

const suggestionPanel = ({ now: { suggestion } }: TargetFacts): Markup | undefined =>
	suggestion === undefined
		? undefined
		: html`<p class="about"><span class="strong">Suggested: ${suggestion.procedure}</span>, ${suggestion.why}</p>`;

/** Returns the section of a target. */
export const targetSection = (target: TargetFacts): Markup => {
	const { name, place, status, link, linkNext, lock, run, runs, runsMissing, now } = target;
	const standing = standingSigns[status];
	// While a run goes on or is verified, its own bar is the only one: green above it would look like the end.
	const isDecided = run === undefined || !(run.headline.tone === 'busy' || run.endedAt === undefined);
	return html`<section class="target">
<h2>${name} ${badgeOf(target)}</h2>
<p class="about">${place} · ${spans(link)}${linkNext === undefined ? '' : ` · ${linkNext}`}</p>
<p class="${isDecided ? `bar ${standing.tone}` : 'strong'}"><span class="${isDecided ? '' : standing.tone}" aria-hidden="true">${standing.glyph}</span> ${isDecided ? '' : 'now '}${standing.word}</p>
<p class="about">${spans(target.verdictLine)}${
		lock === undefined
			? ''
			: html` · <span class="warn">◆ locked by ${lock.who.user}@${lock.who.machine}: ${lock.procedure}, since ${age(now.at - lock.since).replace('now', '<10s')}</span>`
	}</p>
${suggestionPanel(target)}
<div class="panels">
${run === undefined ? undefined : runPanel(run, now.at)}
${checksPanel(target)}
${containersPanel(target)}
${readingsPanel(target)}
${timelinePanel(runs, runsMissing, now.at)}
</div></section>`;
};

/** Returns the list of all targets, in the given order. */
export const targetsPanel = (targets: readonly TargetFacts[]): Markup =>
	html`<div class="panel"><h3>Targets</h3><table><thead><tr><th>target</th><th>state</th><th>checks</th><th class="number">containers</th><th class="spare">run</th></tr></thead><tbody>${targets.map(
		(target) => {
			const { glyph, word, tone } = standingSigns[target.status];
			return html`<tr><td>${target.name} ${badgeOf(target)}</td><td class="once ${tone}"><span aria-hidden="true">${glyph}</span> ${word}</td><td>${spans(target.checksLine)}</td><td class="number">${spans(target.containersLine)}</td><td class="spare">${target.lock?.procedure ?? ''}</td></tr>`;
		},
	)}</tbody></table></div>`;
