import { resolve } from 'node:path';
import { reportFromCopy, reportFromHost, usualLines } from '../application/runs/make-report.ts';
import { BackoutError } from '../runbook/errors.ts';
import { fromMasked, type Masked } from '../runbook/masked.ts';
import type { Report } from '../runbook/report/report.ts';
import { reportMarkdown } from '../runbook/report/report-markdown.ts';
import { writePrivateFile } from '../services/files/private-file.ts';
import { type GlobalOptions, hostNotAsked, lookInSession, openTarget } from './context.ts';
import { printError, printJson, printMasked, safe, yellow } from './print.ts';

export interface ReportCommandOptions {
	readonly format: 'md' | 'json';
	readonly output?: string;
	readonly lines?: string;
}

const linesOf = (text: string | undefined): number => {
	if (text !== undefined && !/^\d{1,6}$/.test(text)) {
		throw new BackoutError('usage', `${JSON.stringify(text)} is not a number of lines`, { next: 'write --lines 500' });
	}
	return text === undefined ? usualLines : Number(text);
};

/** Falls back to the copy of the run on this machine if the host cannot be reached; throws if there is none. */
const makeReport = async (globals: GlobalOptions, run: string, lines: number): Promise<Masked<Report>> => {
	try {
		return await lookInSession(globals, (session, signal) => reportFromHost(session, run, { lines, signal }));
	} catch (error) {
		if (!hostNotAsked(error)) {
			throw error;
		}
		const { target } = await openTarget(globals);
		const report = await reportFromCopy(target, run, error.message, { lines });
		if (report === undefined) {
			throw error;
		}
		return report;
	}
};

/** `backout report`: prints the incident report of a run, in any state and of any operator. */
export const report = async (globals: GlobalOptions, run: string, options: ReportCommandOptions): Promise<number> => {
	const made = await makeReport(globals, run, linesOf(options.lines));
	if (made.source.from === 'copy') {
		printError(
			`${yellow('from the copy on this machine')}, as of ${made.source.asOf}: ${safe(made.source.note ?? '')}`,
		);
	}
	if (options.output !== undefined) {
		const file = resolve(options.output);
		await writePrivateFile(
			file,
			fromMasked(made, (all) =>
				options.format === 'json' ? `${JSON.stringify(all, null, '\t')}\n` : reportMarkdown(all),
			),
		);
		printError(`wrote ${safe(file)}`);
	} else if (options.format === 'json') {
		printJson(made);
	} else {
		printMasked(fromMasked(made, (all) => reportMarkdown(all).trimEnd()));
	}
	return 0;
};
