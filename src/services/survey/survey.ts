import { BackoutError } from '../../runbook/errors.ts';
import type { Survey, SurveyedPort, SurveyedService } from '../../runbook/survey.ts';
import { askHost } from '../docker/ask-host.ts';
import type { Host } from '../host/host.ts';
import { quietGit } from '../host/quiet-git.ts';
import { probePort } from './ports.ts';

/**
 * Looks at a project without changing anything; parts are said between `== name` lines. git as in ../host/quiet-git.ts.
 * Backups are looked for two levels deep: what lies deeper is not a folder of dumps but somebody's data.
 */
const surveyScript = `LC_ALL=C; export LC_ALL
cd -- "$directory" || { echo "there is no directory $directory" >&2; exit 4; }
echo '== config'
timeout 30 docker compose -p "$project" config --format json </dev/null || exit 5
echo
echo '== published'
docker ps --filter "label=com.docker.compose.project=$project" --format '{{.Label "com.docker.compose.service"}}	{{.Ports}}'
echo '== git'
${quietGit}
if git --no-optional-locks rev-parse --verify -q HEAD >/dev/null 2>&1; then
	printf '%s\\t%s\\n' "$(git symbolic-ref -q --short HEAD)" "$(git rev-parse --abbrev-ref --symbolic-full-name '@{upstream}' 2>/dev/null)"
fi
echo '== backups'
find . -mindepth 2 -maxdepth 3 -path ./.git -prune -o -type f \\( -name '*.sql' -o -name '*.sql.gz' -o -name '*.dump' -o -name '*.tar.gz' \\) -print 2>/dev/null | head -n 1000`;

interface ComposeService {
	image?: string;
	build?: unknown;
	healthcheck?: { disable?: boolean };
	environment?: Record<string, unknown> | null;
}

/** Only what names a database is taken over: everything else may be a secret. */
const keptVariables = new Set(['POSTGRES_DB', 'POSTGRES_USER']);

const partsOf = (output: string): ReadonlyMap<string, readonly string[]> => {
	const parts = new Map<string, string[]>();
	let lines: string[] = [];
	for (const line of output.split('\n')) {
		const name = /^== (\w+)$/.exec(line)?.[1];
		if (name === undefined) {
			lines.push(line);
		} else {
			lines = [];
			parts.set(name, lines);
		}
	}
	return parts;
};

/** `127.0.0.1:8090->8090/tcp, :::9000-9001->9000-9001/tcp` as docker prints it: the ports of the host. */
const publishedPorts = (text: string): readonly number[] => {
	const ports = new Set<number>();
	for (const [, first = '', last = first] of text.matchAll(/:(\d+)(?:-(\d+))?->[\d-]+\/tcp/g)) {
		for (let port = Number(first); port <= Number(last) && port - Number(first) < 16; port++) {
			ports.add(port);
		}
	}
	return [...ports].toSorted((a, b) => a - b);
};

const foldersOf = (files: readonly string[]): Survey['backups'] => {
	const folders = new Map<string, Map<string, number>>();
	for (const file of files) {
		const [, folder = '', ending = ''] = /^\.\/(.+)\/[^/]*?(\.sql\.gz|\.sql|\.dump|\.tar\.gz)$/.exec(file) ?? [];
		// A migration is SQL too, and no backup.
		if (folder !== '' && !/migration|schema|seed|init|test|node_modules/i.test(folder)) {
			const endings = folders.get(folder) ?? new Map<string, number>();
			endings.set(ending, (endings.get(ending) ?? 0) + 1);
			folders.set(folder, endings);
		}
	}
	const total = (endings: ReadonlyMap<string, number>) => [...endings.values()].reduce((sum, count) => sum + count, 0);
	return [...folders]
		.toSorted(([, a], [, b]) => total(b) - total(a))
		.map(([folder, endings]) => ({ folder, endings: [...endings.keys()].toSorted() }));
};

/**
 * Looks at one Compose project: its services, what its published ports answer (asked on the host, through the
 * connection), git, and backups. Throws BackoutError when the directory or the Compose file cannot be read.
 */
export const surveyProject = async (
	host: Host,
	{ name, directory }: { readonly name: string; readonly directory: string },
	signal: AbortSignal,
): Promise<Survey> => {
	const { code, stdout, stderr } = await askHost(
		host,
		surveyScript,
		{ directory, project: name },
		{ signal, timeoutMs: 60_000 },
	);
	const said = stderr.trim().split('\n').at(-1) ?? '';
	if (code === 4) {
		throw new BackoutError('failed', said, {
			host: host.name,
			next: 'Name the folder of the Compose file with --directory.',
		});
	}
	if (code !== 0) {
		throw new BackoutError(
			'failed',
			`the Compose project ${name} in ${directory} cannot be read: ${said || `exit code ${code}`}`,
			{
				host: host.name,
				output: stderr.trim(),
				next: `\`docker compose config\` must work in ${directory}.`,
			},
		);
	}
	const parts = partsOf(stdout);
	const config = JSON.parse((parts.get('config') ?? []).join('\n')) as { services?: Record<string, ComposeService> };
	const published = new Map<string, number[]>();
	for (const line of parts.get('published') ?? []) {
		const [service = '', ports = ''] = line.split('\t');
		published.set(service, [...new Set([...(published.get(service) ?? []), ...publishedPorts(ports)])]);
	}
	const services: SurveyedService[] = Object.entries(config.services ?? {}).map(([service, settings]) => ({
		name: service,
		...(settings.image !== undefined && { image: settings.image }),
		built: settings.build !== undefined,
		healthCheck: settings.healthcheck !== undefined && settings.healthcheck.disable !== true,
		environment: Object.fromEntries(
			Object.entries(settings.environment ?? {})
				.filter(([key]) => keptVariables.has(key))
				.map(([key, value]) => [key, String(value ?? '')]),
		),
		ports: published.get(service) ?? [],
	}));
	const ports: SurveyedPort[] = await Promise.all(
		services.flatMap((service) => service.ports.map((port) => probePort(host, service.name, port, signal))),
	);
	const [branch = '', upstream = ''] = parts.get('git')?.[0]?.split('\t') ?? [];
	return {
		project: name,
		directory,
		services,
		ports,
		...((parts.get('git')?.[0] ?? '') !== '' && { git: { branch, upstream } }),
		backups: foldersOf(parts.get('backups') ?? []),
	};
};
