import { configHashLabel } from '../docker/labels.ts';
import type { Host } from '../host/host.ts';
import { ask } from './failure.ts';
import { enterRun, sections } from './read.ts';
import { assertRunId } from './run-id.ts';
import { locateState, type StateOptions, stateValues } from './state-folder.ts';
import type { CustomUndo } from './undo-steps.ts';

/** A container as it stood when the restore point was made. */
export interface KeptContainer {
	readonly service: string;
	readonly number: string;
	readonly state: 'running' | 'stopped';
	/** Id of its image. */
	readonly image: string;
	/** The name it was made from; empty when it was an id. */
	readonly imageName: string;
	/** What Compose calls the hash of its configuration. */
	readonly hash: string;
}

/** What a run's restore point holds, beside the facts of the run. */
export interface KeptState {
	readonly containers: readonly KeptContainer[];
	readonly custom: readonly CustomUndo[];
}

const script = `
enter_run
cd restore 2>/dev/null || exit 0
for file in containers.json undo/*.sh; do
	case $file in *[!A-Za-z0-9._/-]*) continue ;; esac
	[ -r "$file" ] || continue
	bytes=$(stat -c %s "$file")
	printf '%s %s\\n' "$file" "$bytes"
	head -c "$bytes" "$file"
	echo
done
`;

interface Inspected {
	readonly Image?: string;
	readonly State?: { readonly Status?: string };
	readonly Config?: { readonly Image?: string; readonly Labels?: Readonly<Record<string, string>> | null };
}

/** Reads what `docker inspect` printed. One-off containers are passed over: they are nobody's service. */
export const keptContainers = (json: string): readonly KeptContainer[] => {
	let all: unknown;
	try {
		all = JSON.parse(json);
	} catch {
		return [];
	}
	return (Array.isArray(all) ? (all as readonly Inspected[]) : [])
		.map(({ Image = '', State, Config }) => {
			const labels = Config?.Labels ?? {};
			const name = Config?.Image ?? '';
			const up = ['running', 'restarting', 'paused'].includes(State?.Status ?? '');
			return {
				oneOff: labels['com.docker.compose.oneoff'] === 'True',
				kept: {
					service: labels['com.docker.compose.service'] ?? '',
					number: labels['com.docker.compose.container-number'] ?? '1',
					state: up ? ('running' as const) : ('stopped' as const),
					image: Image,
					imageName: /^sha256:|^[0-9a-f]{12,64}$/.test(name) ? '' : name,
					hash: labels[configHashLabel] ?? '',
				},
			};
		})
		.filter(({ oneOff, kept }) => !oneOff && kept.service !== '' && kept.image !== '')
		.map(({ kept }) => kept);
};

/** Reads a run's restore point. Of one that is not there, or was pruned, nothing. Throws what `ask` throws. */
export const readKeptState = async (
	host: Host,
	options: StateOptions,
	id: string,
	signal?: AbortSignal,
): Promise<KeptState> => {
	assertRunId(id);
	const { stdout } = await ask(
		host,
		`read the restore point of run ${id}`,
		{ ...stateValues(options), id },
		[locateState, enterRun, script],
		{ signal, maxBytes: 16 * 1024 * 1024 },
	);
	const files = sections(stdout);
	return {
		containers: keptContainers(files.get('containers.json') ?? '[]'),
		custom: [...files]
			.filter(([name]) => name.startsWith('undo/'))
			.map(([name, text]) => ({ name: name.slice('undo/'.length), script: text })),
	};
};
