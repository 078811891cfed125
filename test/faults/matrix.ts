import { endings } from './client-faults.ts';
import { dockerFaults } from './docker-faults.ts';
import { type Situation, situations } from './fault.ts';
import { hostFaults } from './host-faults.ts';
import { linkFaults } from './link-faults.ts';
import { terminalFaults } from './terminal-faults.ts';

interface Row {
	readonly name: string;
	readonly says: Readonly<Record<Situation, string>>;
}

const told = ({ name, idle, confirming, running }: (typeof linkFaults)[number]): Row => ({
	name,
	says: { idle: idle.says, confirming: confirming.says, running: running.says },
});

const rows: readonly Row[] = [
	...linkFaults.map(told),
	...endings,
	...terminalFaults,
	...dockerFaults.map(told),
	...hostFaults,
];

/** The table of docs/faults.md: what the operator sees, a row a fault. */
export const matrix = (): string => {
	const head = ['fault', 'dashboard idle', 'a confirmation open', 'a run in progress'];
	const table = [
		head,
		head.map(() => '---'),
		...rows.map(({ name, says }) => [name, ...situations.map((at) => says[at])]),
	];
	return table.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
};
