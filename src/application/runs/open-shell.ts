import { randomBytes } from 'node:crypto';
import { durationText } from '../../runbook/duration.ts';
import { BackoutError, messageOf } from '../../runbook/errors.ts';
import type { ShellNote } from '../../runbook/shell-note.ts';
import type { ExecEnd } from '../../services/host/host.ts';
import { noteShell } from '../../services/runner/runner.ts';
import type { ShellEnd, ShellPlace } from '../../stores/workspace.ts';
import type { LentTerminal } from '../../terminal/lent-terminal.ts';
import type { Session } from '../fleet/session.ts';
import { assertMayChange, whoami } from './journal.ts';

/** Meaning of the engine's exit codes when it cannot start the shell (Docker's documentation, exit status of `run`). */
const noShellCodes: Readonly<Record<number, string>> = {
	126: 'the image has no shell that can be started',
	127: 'the image has no shell',
};

/** Describes an end other than the operator's own `exit`. Any other exit code is that of the last command typed. */
const wordsOf = ({ code, signal, lost }: ExecEnd, tookMs: number): string | undefined => {
	if (lost) {
		return 'the link was lost';
	}
	if (signal !== undefined) {
		return `killed by ${signal}`;
	}
	// No command has been typed this early, so it is not the exit code of one.
	return code !== undefined && tookMs < 5000 ? noShellCodes[code] : undefined;
};

/** True for an end that says that no shell was there to be opened. */
const isMissing = (end: string | undefined): boolean => end !== undefined && Object.values(noShellCodes).includes(end);

/**
 * Opens a shell in a container on a terminal of this machine, over the connection to the host, and gives how it ended. Both are noted
 * in the journal of the host, for everybody: without the first note there is no shell. The second is written after the terminal is
 * free again (`noted`). Throws BackoutError: `refused` when the session may change nothing, and what the host throws.
 */
export const openShell = async (
	session: Session,
	{ id, name, service }: ShellPlace,
	terminal: LentTerminal,
	signal: AbortSignal,
): Promise<ShellEnd> => {
	assertMayChange(session, 'a shell in a container');
	const { host, engine, target, noShell } = session;
	if (noShell !== undefined) {
		throw new BackoutError('refused', noShell);
	}
	const command = engine.shellIn(id);
	const begun: ShellNote = {
		id: randomBytes(6).toString('hex'),
		at: Date.now(),
		who: whoami(),
		container: name,
		service,
	};
	await noteShell(host, target, begun, signal);
	const startedAt = performance.now();
	const note = (end: string | undefined) => {
		const endedAfterMs = Math.round(performance.now() - startedAt);
		const line = { ...begun, at: Date.now(), endedAfterMs, ...(end !== undefined && { end }) };
		return noteShell(host, target, line, signal);
	};
	try {
		const ended = await host.runInTerminal(command, terminal, signal);
		const tookMs = performance.now() - startedAt;
		const end = wordsOf(ended, tookMs);
		return {
			said: isMissing(end)
				? `There is no shell in ${name}: ${end}.`
				: `The shell in ${name} was open for ${durationText(tookMs)}${end === undefined ? '' : `: ${end}`}.`,
			noted: note(end),
		};
	} catch (error) {
		await note(`it could not be opened: ${messageOf(error)}`).catch(() => {});
		throw error;
	}
};
