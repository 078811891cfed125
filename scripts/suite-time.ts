/** Time limits for each project of the tests in its short form on two cores, minutes. */
const budgetMinutes: Readonly<Record<string, number>> = { unit: 12, lab: 12, engine: 10 };

/** Start and end of a test file, ms since the epoch. */
export interface FileTime {
	readonly project: string;
	readonly file: string;
	readonly startedAt: number;
	readonly endedAt: number;
}

const shown = (ms: number): string => {
	const seconds = Math.round(ms / 1000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

/** Returns a line for each project with its wall time and its budget. If a project is over its budget, its slowest five files follow. */
export const timeLines = (files: readonly FileTime[], budgets = budgetMinutes): string[] =>
	[...Map.groupBy(files, ({ project }) => project)].flatMap(([project, its]) => {
		const took = Math.max(...its.map(({ endedAt }) => endedAt)) - Math.min(...its.map(({ startedAt }) => startedAt));
		const budget = budgets[project];
		if (budget === undefined) {
			return [`${project}: ${shown(took)}`];
		}
		const line = `${project}: ${shown(took)} of a budget of ${budget} min`;
		if (took <= budget * 60_000) {
			return [line];
		}
		const slowest = its.toSorted((one, other) => other.endedAt - other.startedAt - (one.endedAt - one.startedAt));
		return [
			`${line}: OVER BUDGET. The slowest files:`,
			...slowest.slice(0, 5).map(({ file, startedAt, endedAt }) => `  ${shown(endedAt - startedAt)}  ${file}`),
		];
	});
