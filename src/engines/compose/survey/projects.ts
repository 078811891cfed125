import { BackoutError } from '../../../runbook/errors.ts';
import type { Host } from '../../../services/host/host.ts';
import { lastLineOf, runScript } from '../../../services/host/run-script.ts';
import type { FoundDeployment } from '../../../services/survey/engine-survey.ts';

/** Lists projects by the labels that Compose puts on containers (docs.docker.com/reference/compose-file, "Predefined labels"). */
const listScript = `command -v docker >/dev/null 2>&1 || { echo 'there is no docker command' >&2; exit 3; }
docker ps -a --filter label=com.docker.compose.project --format '{{.Label "com.docker.compose.project"}}	{{.Label "com.docker.compose.project.working_dir"}}' || exit 3`;

/** sudo reports denied users to the administrator, so it is tried only if the socket is closed to this login. */
const sudoScript = `said=$(docker ps -q 2>&1 >/dev/null) && exit 3
case $said in *'permission denied'*) ;; *) exit 3 ;; esac
sudo -n -- "$(command -v docker)" \${DOCKER_HOST:+-H "$DOCKER_HOST"} ps -q >/dev/null 2>&1`;

/** True when Docker answers this login only through sudo without a password. */
export const worksBySudo = async (host: Host, signal: AbortSignal): Promise<boolean> => {
	const { code } = await runScript(host, sudoScript, {
		purpose: 'try Docker by sudo',
		anyExit: true,
		signal,
		timeoutMs: 30_000,
	});
	return code === 0;
};

/** Lists the Compose projects that have containers on the host, by name. Throws BackoutError `failed` when Docker does not answer. */
export const listProjects = async (host: Host, signal: AbortSignal): Promise<readonly FoundDeployment[]> => {
	const { code, stdout, stderr } = await runScript(host, listScript, {
		purpose: 'list the Compose projects',
		anyExit: true,
		signal,
		timeoutMs: 30_000,
	});
	if (code !== 0) {
		throw new BackoutError('failed', `Docker does not answer: ${lastLineOf(stderr) || 'no reason given'}`, {
			host: host.name,
			next: '`docker ps` must work there for this user.',
		});
	}
	const found = new Map<string, FoundDeployment>();
	for (const line of stdout.split('\n')) {
		const [name = '', directory = ''] = line.split('\t');
		if (name !== '' && directory !== '') {
			const key = `${name}\t${directory}`;
			found.set(key, { name, directory, containers: (found.get(key)?.containers ?? 0) + 1 });
		}
	}
	return [...found.values()].toSorted((a, b) => a.name.localeCompare(b.name));
};
