import type { LogChunk } from '../../engine/instance.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { Host } from '../../services/host/host.ts';
import { noCommandRun } from '../../services/host/no-command-run.ts';
import { programsPrelude, programVariables } from '../../services/host/programs.ts';
import { lostLink } from '../../services/host/run-script.ts';
import { createMarkFilter, newMark, shellCommand, shellProgram } from '../../services/host/shell-program.ts';
import untilHungUp from './until-hung-up.sh';

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
 * Returns a function that runs a script on the host and yields its two outputs as they arrive. What the script runs by `until_hung_up`
 * (until-hung-up.sh) ends with the connection, and when nobody reads any more.
 *
 * @param program the name of the program that the script calls, for errors
 * @param beginsMs the time in which a login that runs commands has begun, ms
 */
export const streamFrom = (host: Host, program = 'docker', beginsMs = 30_000) =>
	async function* stream(
		purpose: string,
		script: string,
		environment: Record<string, string>,
		signal?: AbortSignal,
	): AsyncGenerator<LogChunk, void, undefined> {
		const running = await host.spawn(shellCommand, { signal });
		const mark = newMark();
		let waiting: NodeJS.Timeout | undefined;
		try {
			running.stdin.on('error', () => {});
			// It stays open: its end is what tells the script that nobody reads any more.
			running.stdin.write(
				shellProgram(mark, programVariables(host.programs), [programsPrelude(host.programs), untilHungUp, script], {
					environment,
					keepInput: true,
				}),
			);
			const genuine = { stdout: createMarkFilter(mark), stderr: createMarkFilter(mark) };
			const pieces = merge([
				['stdout', running.stdout],
				['stderr', running.stderr],
			]);
			let begun = false;
			let came = '';
			// A login that runs no commands may read its input to the end.
			waiting = setTimeout(() => running.stdin.end(), beginsMs);
			for await (const { stream: from, bytes } of pieces) {
				const rest = genuine[from](bytes);
				if (rest !== undefined && !begun) {
					begun = true;
					clearTimeout(waiting);
				}
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
			clearTimeout(waiting);
			running.close();
		}
	};
