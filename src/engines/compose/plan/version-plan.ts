import type { PlanFacts } from './plan-facts.ts';

/** Returns the variables that version.sh reads when the run installs another version. */
export const versionEnvironment = ({ version }: PlanFacts): Record<string, string> =>
	version === undefined ? {} : { version_file: version.file, version_lines: version.lines.join('\n') };

/** Lists the lines that change: `.env, line 1: 1.2.0 becomes 1.1.0.` */
export const versionNotes = ({ version }: PlanFacts, directory: string): readonly string[] =>
	(version?.lines ?? []).map((line) => {
		const [number, , from, to] = line.split('\t');
		return `${version?.file.replace(`${directory}/`, '')}, line ${number}: ${from} becomes ${to}.`;
	});
