import { ownCommand } from '../../runbook/own-command.ts';
import { type RunFacts, verdictHeadline } from './verdict-headline.ts';

/**
 * Returns the lines about a run that are printed after the screen has closed: its verdict, its id, and how to continue. The title is
 * unsanitised.
 * @param hostStays false if the host ends with the program: then no command can reach it
 */
export const farewell = (facts: RunFacts, now: number, hostStays = true): readonly string[] => {
	const { run, following } = facts;
	const { words, tone } = verdictHeadline(facts, now);
	const going = following.status !== 'lost' && run.state === 'running';
	const verdict = going ? 'keeps running on the host' : words;
	const command = (name: string) => `  ${name.padEnd(7)} ${ownCommand([name, run.id], run.plan.target)}`;
	return [
		`${run.plan.title} on ${run.plan.target}: ${verdict}`,
		`  run ${run.id}`,
		...(hostStays
			? [
					...(going || tone === 'busy' || tone === 'doubt' ? [command('attach')] : []),
					...(going ? [command('cancel')] : []),
					command('report'),
				]
			: ['  the demo host ends with this program; outside the demo, backout report prints what was done']),
	];
};
