import type { Files } from '../docker/types.ts';
import { projectFiles } from './project-files.ts';

/** A change to the project: text replaced in files, files created or appended to. */
export interface Change {
	readonly subject: string;
	readonly version: string;
	readonly author: string;
	/** Age at the start of the demo. */
	readonly hoursAgo: number;
	readonly edits: readonly { readonly file: string; readonly from?: string; readonly to: string }[];
}

/** A commit before git knows it. */
export interface Draft extends Omit<Change, 'edits'> {
	/** All files of the work tree. */
	readonly files: Files;
}

const mara = 'Mara Lindqvist';
const tomas = 'Tomas Reyes';

/** The earlier deployments, oldest first; all of them are good. */
export const goodChanges: readonly Change[] = [
	{ subject: 'Import the trading engine', version: '1.8.0', author: mara, hoursAgo: 241, edits: [] },
	{
		subject: 'Execute outside the runs where FORCE_EXECUTION asks for it',
		version: '1.8.1',
		author: tomas,
		hoursAgo: 193,
		edits: [{ file: 'README.md', to: '\n`FORCE_EXECUTION=1` in `.env` executes at once.\n' }],
	},
	{
		subject: 'Add FX futures to the instruments',
		version: '1.8.2',
		author: mara,
		hoursAgo: 150,
		edits: [
			{ file: 'config/instruments.yaml', to: '  - { symbol: 6E, exchange: CME, currency: USD, weight: 0.10 }\n' },
		],
	},
	{
		subject: 'Raise the weight of FESX for the quarter',
		version: '1.9.0',
		author: tomas,
		hoursAgo: 98,
		edits: [{ file: 'config/instruments.yaml', from: 'EUR, weight: 0.25', to: 'EUR, weight: 0.30' }],
	},
	{
		subject: 'Name the reason when a size is cut',
		version: '1.9.1',
		author: mara,
		hoursAgo: 51,
		edits: [{ file: 'README.md', to: '\nThe log names the reason when a size is cut.\n' }],
	},
	{
		subject: 'Round sizes to whole lots',
		version: '1.9.2',
		author: mara,
		hoursAgo: 26,
		edits: [{ file: 'src/sizing.py', from: 'max(1, int(', to: 'max(1, round(' }],
	},
];

/** Applies changes one after the other to the project's first files. Throws if an edit matches nothing. */
export const draftHistory = (changes: readonly Change[]): readonly Draft[] => {
	let files = new Map(projectFiles);
	return changes.map(({ edits, ...rest }) => {
		files = new Map(files);
		for (const { file, from, to } of edits) {
			const old = files.get(file) ?? '';
			if (from !== undefined && !old.includes(from)) {
				throw new Error(`${file} has no ${JSON.stringify(from)}`);
			}
			files.set(file, from === undefined ? old + to : old.replace(from, to));
		}
		files.set('VERSION', `${rest.version}\n`);
		return { ...rest, files };
	});
};
