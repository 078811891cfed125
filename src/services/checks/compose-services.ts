import { askHost } from '../docker/ask-host.ts';
import type { CheckContext } from './outcome.ts';

/** The services that the Compose file names, or why they are not known. */
export interface ComposeServices {
	readonly services: readonly string[];
	readonly unreadable?: string;
}

const freshMs = 60_000;
const script = `cd -- "$directory" || exit
[ -z "$files" ] || { COMPOSE_FILE=$files COMPOSE_PATH_SEPARATOR=,; export COMPOSE_FILE COMPOSE_PATH_SEPARATOR; }
exec docker compose -p "$project" config --services`;

interface Memory {
	readonly at: number;
	readonly answer: Promise<ComposeServices>;
}

/** By connection, then by Compose files. */
const memories = new WeakMap<object, Map<string, Memory>>();

const ask = async ({ docker, target }: CheckContext, files: string, signal: AbortSignal): Promise<ComposeServices> => {
	const environment = { directory: target.directory, project: target.project, files };
	const { code, stdout, stderr } = await askHost(docker.host, script, environment, { signal, timeoutMs: 10_000 });
	if (code !== 0) {
		const said = stderr.trim().split('\n').at(-1);
		return { services: [], unreadable: said || `exit code ${code ?? 'unknown'}` };
	}
	const services = stdout.split('\n').filter((line) => line !== '');
	return { services };
};

/**
 * Asks Compose once a minute: it is a process of some hundred milliseconds. Never rejects: a Compose file that cannot be
 * read (a broken .env) must not hide what the containers say.
 *
 * @param files the Compose files in use, as Compose's own label has them; empty: those it finds in the directory.
 */
export const composeServices = (
	context: CheckContext,
	files: string,
	signal: AbortSignal,
): Promise<ComposeServices> => {
	const remembered = memories.get(context.docker) ?? new Map<string, Memory>();
	memories.set(context.docker, remembered);
	const before = remembered.get(files);
	if (before !== undefined && performance.now() - before.at < freshMs) {
		return before.answer;
	}
	const answer = ask(context, files, signal).catch((error: unknown) => {
		remembered.delete(files);
		return { services: [], unreadable: error instanceof Error ? error.message : String(error) };
	});
	remembered.set(files, { at: performance.now(), answer });
	return answer;
};
