import type { Command } from 'commander';
import { BackoutError } from '../../runbook/errors.ts';
import type { Runbook, Target } from '../../runbook/runbook.ts';
import { openConfig } from '../../services/files/files.ts';
import { monitorConfigs } from '../../services/monitors/monitor-configs.ts';
import { safe } from '../print.ts';
import { candidates } from './candidates.ts';
import { shells } from './shells.ts';
import { treeOf } from './tree.ts';

/** `backout completion SHELL`: prints the code for the shell to load. */
export const completion = async (shell: string): Promise<number> => {
	const script = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
	if (script === undefined) {
		throw new BackoutError('usage', `there is no completion for ${JSON.stringify(shell)}`, {
			next: `There is one for ${Object.keys(shells).join(', ')}.`,
		});
	}
	process.stdout.write(script);
	return 0;
};

const optionIn = (words: readonly string[], option: string): string | undefined => {
	const at = words.indexOf(option);
	return at < 0 ? undefined : words[at + 1];
};

const namedServices = (runbook: Runbook | undefined): readonly string[] => [
	...new Set(
		[
			runbook && monitorConfigs(runbook).log?.service,
			...(runbook?.checks ?? []).map((check) => (typeof check.service === 'string' ? check.service : undefined)),
		].filter((service) => service !== undefined),
	),
];

/** The commands with the id of a run. */
const ofRuns: readonly string[] = ['attach', 'continue', 'report', 'cancel', 'undo', 'retry'];

const copiesOf = async (target: Target | undefined): Promise<readonly string[]> =>
	target === undefined ? [] : (await import('../../services/files/journal-folder.ts')).copiedRuns(target, process.env);

/**
 * Answers a shell at every TAB: prints the words that may be at the cursor, one per line. Contacts no host, and prints nothing without a
 * config: the operator is in the middle of a word.
 */
export const complete = async (program: Command, words: readonly string[]): Promise<number> => {
	const target = () => {
		try {
			const config = openConfig({ config: optionIn(words, '--config'), cwd: process.cwd(), env: process.env });
			const name = optionIn(words, '--target') ?? config.defaultTarget;
			return { config, target: config.targets.find((candidate) => candidate.name === name) };
		} catch {
			return undefined;
		}
	};
	const isOfRun = words.some((each) => ofRuns.includes(each));
	const copied = isOfRun ? await copiesOf(target()?.target) : [];
	const procedures = () => target()?.target?.runbook.procedures ?? [];
	const found = candidates(treeOf(program), words, {
		targets: () => target()?.config.targets.map(({ name }) => name) ?? [],
		procedures,
		runs: () => copied,
		services: () => namedServices(target()?.target?.runbook),
		inputs: (id) =>
			procedures()
				.find((procedure) => procedure.id === id)
				?.inputs.map(({ name }) => name) ?? [],
	});
	// A tab separates word and description, so `print` cannot be used.
	process.stdout.write(found.map((one) => `${one.split('\t').map(safe).join('\t')}\n`).join(''));
	return 0;
};
