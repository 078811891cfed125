import type { EventOptions } from '../../engine/engine.ts';
import { type EventSource, followEvents } from '../../engine/follow-events.ts';
import { createLineCutter } from '../../services/host/line-cutter.ts';
import type { Docker } from '../docker/docker.ts';
import { stackLabel } from './names.ts';
import type { SnapshotReader } from './snapshot.ts';
import { TaskJournal } from './task-journal.ts';

/** Interval between two looks at the tasks, ms: on other nodes they change without an event. */
const lookEveryMs = 2000;
/** Intervals after an event until the managers may know what it did to a task, ms. */
const soonMs = [50, 200, 500];

/** True for an event of the stack, or of a node, which may change any of its tasks. */
const isOurs = (line: string, stack: string): boolean => {
	try {
		const { Type, Actor } = JSON.parse(line) as { Type?: string; Actor?: { Attributes?: Record<string, string> } };
		const { [stackLabel]: label, name = '' } = Actor?.Attributes ?? {};
		return Type === 'node' || (Type === 'service' ? name.startsWith(`${stack}_`) : label === stack);
	} catch {
		return false;
	}
};

const filters = JSON.stringify({
	type: ['container', 'service', 'node'],
	event: ['create', 'update', 'remove', 'start', 'die', 'kill', 'oom', 'destroy', 'health_status'],
});

/** Calls `hear` at each event of a container here, a service or a node that may have changed a task. Ends when the engine ends the stream. */
const listen = async (docker: Docker, stack: string, hear: () => void, signal: AbortSignal): Promise<void> => {
	const lines = createLineCutter();
	const events = docker.follow(
		'cannot listen to events',
		(client) => client.open('events', { query: { filters }, signal }),
		signal,
	);
	for await (const bytes of events) {
		if (lines.push(bytes).some((line) => isOurs(line, stack))) {
			hear();
		}
	}
	throw new Error('the engine has ended the stream of events');
};

/** Returns a function that waits until the next look, which is soon after an event. It rejects when the engine tells nothing any more. */
const createPauses = (docker: Docker, stack: string, signal: AbortSignal): (() => Promise<void>) => {
	let soon: number[] = [];
	let wake: (() => void) | undefined;
	let failure: unknown;
	const hear = () => {
		soon = [...soonMs];
		wake?.();
	};
	listen(docker, stack, hear, signal).catch((error) => {
		failure = error;
		wake?.();
	});
	const wait = (ms: number): Promise<void> =>
		new Promise((resolve) => {
			const done = () => {
				clearTimeout(timer);
				signal.removeEventListener('abort', done);
				wake = undefined;
				resolve();
			};
			const timer = setTimeout(done, ms);
			signal.addEventListener('abort', done, { once: true });
			wake = done;
		});
	return async () => {
		const next = soon.shift();
		await wait(failure === undefined ? (next ?? lookEveryMs) : 0);
		if (next === undefined && soon.length > 0) {
			// Woken by an event.
			await wait(soon.shift() ?? 0);
		}
		signal.throwIfAborted();
		if (failure !== undefined) {
			throw failure;
		}
	};
};

/** Returns a function that follows the tasks of a stack. All its streams share what they have seen. */
export const createTaskEvents = (docker: Docker, reader: SnapshotReader, stack: string) => {
	const journal = new TaskJournal(stack);
	const source: EventSource = {
		look: async (signal) => journal.note(await reader.read(signal), docker.clock.now()),
		reader: (since) => journal.reader(since),
		pauses: (signal) => createPauses(docker, stack, signal),
	};
	return (options: EventOptions) => followEvents(source, options);
};
