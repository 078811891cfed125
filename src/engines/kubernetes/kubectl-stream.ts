import { BackoutError } from '../../runbook/errors.ts';
import type { Host } from '../../services/host/host.ts';
import { lastLineOf } from '../../services/host/run-script.ts';
import { streamFrom } from '../docker/cli-stream.ts';
import { explainKubectl } from './explain.ts';
import kubectl from './kubectl.sh';
import { type ClusterPlace, placeVariables } from './place.ts';

/** The most that is kept of what kubectl says on standard error, characters. */
const mostSaid = 4000;

/** A stream of kubectl on the host. */
export interface KubectlStream {
	/** POSIX sh; may call the functions of kubectl.sh. */
	readonly script: string;
	/** The purpose, for errors: `read the log`. */
	readonly purpose: string;
	/** Values that the script reads, besides those of the place. */
	readonly environment?: Readonly<Record<string, string>>;
	/** True for a message on standard error that is no failure. */
	readonly isEnd?: (said: string) => boolean;
	readonly signal?: AbortSignal | undefined;
}

/** Yields the standard output of a script with kubectl as it arrives; rejects with what kubectl said when it fails. */
export async function* kubectlStream(
	host: Host,
	place: ClusterPlace,
	{ script, purpose, environment = {}, isEnd, signal }: KubectlStream,
): AsyncGenerator<Buffer, void, undefined> {
	let said = '';
	const stream = streamFrom(host, 'kubectl');
	try {
		const values = { ...placeVariables(place), ...environment };
		for await (const { stream: from, bytes } of stream(purpose, `${kubectl}\n${script}`, values, signal)) {
			if (from === 'stdout') {
				yield bytes;
			} else {
				said = `${said}${bytes.toString('utf8')}`.slice(-mostSaid);
			}
		}
	} catch (error) {
		signal?.throwIfAborted();
		if (isEnd?.(said) === true) {
			return;
		}
		throw error instanceof BackoutError && error.code === 'failed' && said.trim() !== ''
			? explainKubectl(host.name, `cannot ${purpose}`, lastLineOf(said), 1, place)
			: error;
	}
}
