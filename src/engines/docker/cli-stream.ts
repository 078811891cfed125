import type { LogChunk } from '../../engine/instance.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { Host } from '../../services/host/host.ts';
import { noCommandRun } from '../../services/host/no-command-run.ts';
import { programsPrelude, programVariables } from '../../services/host/programs.ts';
import { lostLink } from '../../services/host/run-script.ts';
import { createMarkFilter, newMark, shellCommand, shellProgram } from '../../services/host/shell-program.ts';

/** The most that is kept of what came in place of a program's output, characters. */
const mostKept = 4000;

type Named = readonly [LogChunk['stream'], AsyncIterable<Buffer>];

/** Yields from several streams, each item when it arrives. */
async function* merge(sources: readonly Named[]): AsyncGenerator<LogChunk, void, undefined> {
	const waiting = new Map(
		sources.map(([name, source]) => {
			const iterator = source[Symbol.asyncIterator]();
			return [iterator, iterator.next().then((step) => ({ name, iterator, step }))] as const;
		}),
	);
	try {
		while (waiting.size > 0) {
			const { name, iterator, step } = await Promise.race(waiting.values());
			if (step.done === true) {
				waiting.delete(iterator);
				continue;
			}
			waiting.set(
				iterator,
				iterator.next().then((next) => ({ name, iterator, step: next })),
			);
			yield { stream: name, bytes: step.value };
		}
	} finally {
		// A reader that leaves early closes the streams: their late results do not matter.
		for (const step of waiting.values()) {
			step.catch(() => {});
		}
	}
}

/**
 * Returns a function that runs a script on the host and yields its two outputs as they arrive.
 *
 * @param program the name of the program that the script calls, for errors
 */
export const streamFrom = (host: Host, program = 'docker') =>
	async function* stream(
		purpose: string,
		script: string,
		environment: Record<string, string>,
		signal?: AbortSignal,
	): AsyncGenerator<LogChunk, void, undefined> {
		const running = await host.spawn(shellCommand, { signal });
		const mark = newMark();
		try {
			running.stdin.on('error', () => {});
			running.stdin.end(
				shellProgram(mark, programVariables(host.programs), [programsPrelude(host.programs), script], { environment }),
			);
			const genuine = { stdout: createMarkFilter(mark), stderr: createMarkFilter(mark) };
			const pieces = merge([
				['stdout', running.stdout],
				['stderr', running.stderr],
			]);
			let begun = false;
			let came = '';
			for await (const { stream: from, bytes } of pieces) {
				const rest = genuine[from](bytes);
				begun ||= rest !== undefined;
				came = begun ? '' : `${came}${bytes.toString('utf8')}`.slice(0, mostKept);
				if (rest !== undefined && rest.length > 0) {
					yield { stream: from, bytes: rest };
				}
			}
			const end = await running.end;
			const { code } = end;
			signal?.throwIfAborted();
			if (end.lost) {
				throw lostLink(host.name, purpose);
			}
			if (!begun && code !== undefined) {
				throw noCommandRun(host.name, came, code);
			}
			// 124 is `timeout`: not a failure, the caller asks again.
			if (code !== 0 && code !== 124) {
				throw new BackoutError('failed', `${program} ended with exit code ${code ?? 'unknown'}`, { host: host.name });
			}
		} finally {
			running.close();
		}
	};
