import { BackoutError, messageOf } from '../../runbook/errors.ts';
import type { ExecEnd, Host } from '../host/host.ts';
import type { DebugWriter } from './debug-log.ts';

/** Functions that every command passes through, which say nothing about its purpose. */
const passage = new Set([
	'exec',
	'spawn',
	'execute',
	'runScript',
	'runConstantScript',
	'callers',
	'record',
	'Promise',
	'next',
	'processTicksAndRejections',
	'new',
	'anonymous',
]);

/**
 * Returns the names of the calling functions, the nearest first: `readDisk < pollDisk`. A command's text goes over stdin, so this is its
 * name.
 */
const callers = (): string => {
	const { stackTraceLimit } = Error;
	Error.stackTraceLimit = 30;
	const { stack = '' } = new Error();
	Error.stackTraceLimit = stackTraceLimit;
	return [...stack.matchAll(/^\s+at (?:async )?(?:\w+\.)*([\w$]+) /gm)]
		.map(([, name = '']) => name)
		.filter((name) => !passage.has(name))
		.slice(0, 3)
		.join(' < ');
};

const endOf = ({ code, signal, lost }: ExecEnd) => ({
	exit: code ?? null,
	...(signal !== undefined && { signal }),
	...(lost && { lost }),
});

const failureOf = (error: unknown) => ({
	failed: messageOf(error),
	...(error instanceof BackoutError && { code: error.code }),
});

/**
 * Returns the same host with each command written to the debug log: the functions that called it, its duration and its result. Neither
 * input nor output is written. Changes of the link are written too.
 */
export const recordedHost = (host: Host, log: DebugWriter): Host => {
	let last: string | undefined;
	const onLink = () => {
		const { status, reason, next, attempt, rttMs } = host.link.get();
		const told = JSON.stringify([status, reason, attempt]);
		if (told !== last) {
			last = told;
			log.write('link', { host: host.name, status, reason, next, attempt, rttMs });
		}
	};
	onLink();
	host.link.subscribe(onLink);
	const record = (kind: 'command' | 'stream') => {
		const startedAt = performance.now();
		const by = callers();
		return (fields: Readonly<Record<string, unknown>>) =>
			log.write(kind, { host: host.name, by, tookMs: Math.round(performance.now() - startedAt), ...fields });
	};
	const opened = new Set<string>();
	const note = (what: string) => {
		if (!opened.has(what)) {
			opened.add(what);
			log.write('connection', { host: host.name, to: what });
		}
	};
	return {
		get name() {
			return host.name;
		},
		...(host.stay && { stay: () => host.stay?.() ?? (() => {}) }),
		...(host.passOn && { passOn: (reason) => host.passOn?.(reason) }),
		...(host.readOnly !== undefined && { readOnly: host.readOnly }),
		link: host.link,
		get tcpAgent() {
			note('tcp');
			return host.tcpAgent;
		},
		ready: (signal) => host.ready(signal),
		exec: async (command, options) => {
			const ended = record('command');
			try {
				const result = await host.exec(command, options);
				ended({ ...endOf(result), stdoutBytes: result.stdout.length, stderrBytes: result.stderr.length });
				return result;
			} catch (error) {
				ended(failureOf(error));
				throw error;
			}
		},
		spawn: async (command, options) => {
			const ended = record('stream');
			try {
				const spawned = await host.spawn(command, options);
				spawned.end.then(
					(end) => ended(endOf(end)),
					(error: unknown) => ended(failureOf(error)),
				);
				return spawned;
			} catch (error) {
				ended(failureOf(error));
				throw error;
			}
		},
		...(host.programs !== undefined && { programs: host.programs }),
		get relay() {
			return host.relay;
		},
		socketAgent: (path, options) => {
			note(`socket ${path}`);
			return host.socketAgent(path, options);
		},
		runInTerminal: async (command, terminal, signal) => {
			const done = record('stream');
			try {
				const end = await host.runInTerminal(command, terminal, signal);
				done(endOf(end));
				return end;
			} catch (error) {
				done(failureOf(error));
				throw error;
			}
		},
		commandAgent: (command) => {
			note(`command ${command}`);
			return host.commandAgent(command);
		},
		reconnect: () => host.reconnect(),
		close: () => host.close(),
	};
};
