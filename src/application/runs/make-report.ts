import { BackoutError } from '../../runbook/errors.ts';
import { fromMasked, type Masked } from '../../runbook/masked.ts';
import { gapNotice } from '../../runbook/output-gap.ts';
import type { RunCopy } from '../../runbook/read-copy.ts';
import { buildReport, type ReportParts } from '../../runbook/report/build-report.ts';
import type { Report } from '../../runbook/report/report.ts';
import { reportMarkdown } from '../../runbook/report/report-markdown.ts';
import type { Target } from '../../runbook/runbook.ts';
import { writeNewFile } from '../../services/files/new-file.ts';
import { listRuns, listShells, outputPieces, readRun } from '../../services/runner/runner.ts';
import type { SavedFile } from '../../stores/workspace.ts';
import { sanitiseText } from '../../terminal/sanitise.ts';
import type { Session } from '../fleet/session.ts';
import { readSecrets } from '../secrets/known-secrets.ts';
import { findRun } from './journal.ts';
import { findCopy } from './write-journal-copy.ts';

export interface ReportOptions {
	/** Maximum number of lines of output; 0: none. */
	readonly lines: number;
	readonly signal?: AbortSignal;
}

/** Default number of output lines in a report. */
export const usualLines = 200;

/** Size of the part at the end of the output that is read, bytes. */
const endBytes = 256 * 1024;

const common = ({ lines }: ReportOptions): Pick<ReportParts, 'now' | 'lines' | 'clean'> => ({
	now: Date.now(),
	lines,
	clean: sanitiseText,
});

/** Makes the report of a run from its copy on this machine. */
const reportOfCopy = ({ run, asOf, output }: RunCopy, note: string, options: ReportOptions): Masked<Report> => {
	let text = '';
	let end = 0;
	for (const piece of output) {
		text += `${piece.from > end ? gapNotice({ from: end, to: piece.from }) : ''}${piece.text}`;
		end = piece.to;
	}
	return buildReport({
		...common(options),
		run: { ...run, outputBytes: Math.max(run.outputBytes, end) },
		output: text,
		outputLeftOut: false,
		runs: [],
		source: { from: 'copy', asOf, note },
	});
};

const readEnd = async (
	session: Session,
	id: string,
	outputBytes: number,
	signal?: AbortSignal,
): Promise<{ readonly output: string; readonly outputLeftOut: boolean }> => {
	const from = Math.max(0, outputBytes - endBytes);
	const parts: string[] = [];
	for await (const piece of outputPieces(session.host, session.target, id, { from, pageBytes: endBytes, signal })) {
		parts.push('gap' in piece ? gapNotice(piece.gap) : piece.bytes.toString('utf8'));
	}
	const text = parts.join('');
	// Drops the first line, as its beginning is missing.
	return { output: from === 0 ? text : text.slice(text.indexOf('\n') + 1), outputLeftOut: from > 0 };
};

/**
 * Makes the report of any run of the host's journal. If the host no longer has it, or pruned it, and there is a copy on this machine, the
 * report is made from that, and says so. Throws BackoutError `usage` when neither knows the run, and what reading it throws.
 */
export const reportFromHost = async (
	session: Session,
	text: string,
	options: ReportOptions,
): Promise<Masked<Report>> => {
	const { host, target } = session;
	const { signal } = options;
	const found = await findRun(session, text, signal).catch(async (error: unknown) => {
		const copy = text === 'last' ? undefined : await findCopy(target, text);
		if (copy === undefined || !(error instanceof BackoutError) || error.code !== 'usage') {
			throw error;
		}
		return copy;
	});
	if ('asOf' in found) {
		return reportOfCopy(found, 'The journal on the host no longer has this run.', options);
	}
	const [run, runs] = await Promise.all([readRun(host, target, found.id, signal), listRuns(host, target, signal)]);
	if (run.pruned !== undefined) {
		const copy = await findCopy(target, run.id);
		if (copy !== undefined) {
			return reportOfCopy(copy, `The host has pruned this run (${run.pruned.why}).`, options);
		}
	}
	const end =
		run.pruned === undefined
			? await readEnd(session, run.id, run.outputBytes, signal)
			: { output: '', outputLeftOut: run.outputBytes > 0 };
	// Secrets that cannot be read are recognised by their form only, as everywhere.
	const secrets = await readSecrets(session, run.id, signal).catch(() => []);
	// A report without them is better than none.
	const shells = await listShells(host, target, signal).catch(() => []);
	return buildReport({
		...common(options),
		...end,
		run,
		runs,
		secrets,
		shells,
		source: { from: 'host', asOf: Date.now() },
	});
};

/** Makes the report of a run from the copy on this machine, when the host cannot be asked; undefined when there is none. */
export const reportFromCopy = async (
	target: Pick<Target, 'host' | 'directory'>,
	text: string,
	why: string,
	options: ReportOptions,
): Promise<Masked<Report> | undefined> => {
	const copy = await findCopy(target, text);
	return copy && reportOfCopy(copy, `The host could not be reached: ${why}.`, options);
};

/** Writes the report of a run, as Markdown, into a new file of the folder; from the copy when the host cannot be asked. */
export const saveRunReport = async (
	session: Session,
	run: string,
	{ folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<SavedFile> => {
	const options = { lines: usualLines, signal };
	const link = session.host.link.get();
	const copied =
		link.status === 'up'
			? undefined
			: await reportFromCopy(session.target, run, link.reason ?? 'the link is down', options);
	const report = copied ?? (await reportFromHost(session, run, options));
	return writeNewFile({ folder, what: report.run, now: Date.now(), ending: 'md' }, [
		fromMasked(report, (made) => Buffer.from(reportMarkdown(made))),
	]);
};
