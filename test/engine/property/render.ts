import { baseImage } from '../harness/base-image.ts';
import { crashes, serves } from '../harness/files.ts';
import type { CommitSpec, ServiceSpec, Spec } from './spec.ts';

const serving = `trap "exit 0" TERM INT; while :; do sleep 600 & wait $$!; done`;

/** The name of an image that was built elsewhere. */
export const publishedName = (token: string, service: ServiceSpec): string =>
	service.source === 'moving' ? `${token}/moving:latest` : `${token}/published:${service.tag}`;

const imageLines = (token: string, service: ServiceSpec): readonly string[] => {
	switch (service.source) {
		case 'build':
			return ['    build: .'];
		case 'named':
			return ['    build: .', `    image: "${token}/${service.name}:latest"`];
		case 'shared':
			return ['    build: .', `    image: "${token}/shared:latest"`];
		default:
			return [`    image: "${publishedName(token, service)}"`];
	}
};

const commandOf = (service: ServiceSpec): readonly string[] => {
	if (service.job) {
		return [`    command: ["sh", "-c", "echo done"]`];
	}
	return service.source === 'published' || service.source === 'moving'
		? [`    command: ["sh", "-c", ${JSON.stringify(serving)}]`]
		: [];
};

const serviceText = (token: string, service: ServiceSpec): string =>
	[
		`  ${service.name}:`,
		...imageLines(token, service),
		...commandOf(service),
		`    restart: "${service.policy}"`,
		'    stop_grace_period: 2s',
		`    environment: { MODE: "${service.mode}"${service.usesValue ? ', VALUE: "${VALUE:-none}"' : ''} }`,
		...(service.usesEnvFile ? ['    env_file: service.env'] : []),
		...(service.replicas === 1 ? [] : [`    deploy: { replicas: ${service.replicas} }`]),
		...(service.profile ? ['    profiles: [extra]'] : []),
		...(service.network === undefined ? [] : [`    network_mode: "service:${service.network}"`]),
		...(service.after === undefined
			? []
			: [`    depends_on: { ${service.after}: { condition: service_completed_successfully } }`]),
		...(service.volume || service.mount
			? [
					`    volumes: [${[service.volume && '"data:/data"', service.mount && '"./conf:/conf:ro"'].filter(Boolean).join(', ')}]`,
				]
			: []),
	].join('\n');

/** The folder of the deployment within the repository. */
export const folderOf = (spec: Spec, token: string): string => (spec.within ? `in-${token}` : '');

/** The name of the project, as Compose finds it by what the owner gives it. */
export const projectOf = (spec: Spec, token: string): string =>
	spec.naming === 'folder' ? folderOf(spec, token) || token : `named-${token}`;

/** Returns the arguments that the owner gives `docker compose` each time. */
export const ownerArgs = (spec: Spec, token: string): readonly string[] => [
	...(spec.naming === 'flag' ? ['-p', projectOf(spec, token)] : []),
	...(spec.files === 'two' ? ['-f', 'compose.yaml', '-f', 'second.yaml'] : []),
	...(spec.envFrom.startsWith('flag') ? ['--env-file', 'given.env'] : []),
	...(spec.profile ? ['--profile', 'extra'] : []),
];

const secondName = (spec: Spec): string | undefined =>
	({ one: undefined, override: 'compose.override.yaml', two: 'second.yaml', dotenv: 'second.yaml' })[spec.files];

/** Says if there is an .env, and if git keeps it. */
const dotenv = (spec: Spec): 'none' | 'ignored' | 'tracked' => {
	if (spec.envFrom === 'dotenv-tracked') {
		return 'tracked';
	}
	return spec.envFrom === 'dotenv-ignored' || spec.naming === 'dotenv' || spec.files === 'dotenv' ? 'ignored' : 'none';
};

const dotenvText = (spec: Spec, token: string, value: string): string =>
	[
		...(spec.naming === 'dotenv' ? [`COMPOSE_PROJECT_NAME=${projectOf(spec, token)}`] : []),
		...(spec.files === 'dotenv' ? ['COMPOSE_FILE=compose.yaml:second.yaml'] : []),
		...(spec.envFrom.startsWith('dotenv') ? [`VALUE=${value}`] : []),
		'',
	].join('\n');

/** Returns the owner's second Compose file: it extends a service that all commits have, or else none. */
const secondText = (spec: Spec): string => {
	const everywhere = spec.commits.every(({ services }) => services.some(({ name }) => name === spec.main));
	return everywhere
		? `services:\n  ${spec.main}: { environment: { SECOND: "yes" }, labels: { second: "yes" } }\n`
		: 'services: {}\n';
};

const gitignore = (spec: Spec, commit: CommitSpec): string =>
	[
		...(dotenv(spec) === 'ignored' ? ['.env', '.env.*'] : []),
		...(spec.envFrom === 'flag-ignored' ? ['given.env'] : []),
		...(spec.envFileIgnored ? ['service.env'] : []),
		...(spec.secret ? ['secret.key'] : []),
		...(spec.secondIgnored && secondName(spec) !== undefined ? [secondName(spec)] : []),
		...(commit.confTracked ? [] : ['conf/app.conf']),
		'',
	].join('\n');

/** Files that this host has and git ignores, whatever the commit. Paths are relative to the deployment. */
export const filesHere = (spec: Spec, token: string, value = 'good'): Record<string, string> => {
	const second = secondName(spec);
	return {
		...(dotenv(spec) === 'ignored' && { '.env': dotenvText(spec, token, value) }),
		...(spec.envFrom === 'flag-ignored' && { 'given.env': 'VALUE=given\n' }),
		...(spec.envFileIgnored && { 'service.env': 'FROM_FILE=here\n' }),
		...(spec.secret && { 'secret.key': 'ABC-DEF\n' }),
		...(spec.secondIgnored && second !== undefined && { [second]: secondText(spec) }),
	};
};

/** Files of a commit. Version N is that of the Nth commit. Paths are relative to the deployment. */
export const filesOf = (spec: Spec, token: string, index: number): Record<string, string> => {
	const commit = spec.commits[index] as CommitSpec;
	const second = secondName(spec);
	const services = commit.services.map((service) => serviceText(token, service)).join('\n');
	const copies = [...(spec.secret ? ['secret.ke*'] : []), ...(spec.submodule ? ['lib'] : [])];
	return {
		'compose.yaml': `${spec.naming === 'file' ? `name: ${projectOf(spec, token)}\n` : ''}services:\n${services}\nvolumes: { data: {} }\n`,
		Dockerfile: [
			`FROM ${baseImage}`,
			`LABEL test.version=${index + 1} test.site=${token}`,
			'COPY app.sh /app.sh',
			...(copies.length > 0 ? [`COPY ${copies.join(' ')} /kept/`] : []),
			'CMD ["sh", "/app.sh"]',
			'',
		].join('\n'),
		'app.sh': commit.crashes ? crashes : serves,
		'README.md': 'A deployment.\n',
		'.gitignore': gitignore(spec, commit),
		...(dotenv(spec) === 'tracked' && { '.env': dotenvText(spec, token, `good-${index + 1}`) }),
		...(spec.envFrom === 'flag-tracked' && { 'given.env': `VALUE=given-${index + 1}\n` }),
		...(!spec.envFileIgnored && { 'service.env': `FROM_FILE=commit-${index + 1}\n` }),
		...(!spec.secondIgnored && second !== undefined && { [second]: secondText(spec) }),
		...(commit.confTracked && { 'conf/app.conf': `conf of ${index + 1}\n` }),
	};
};
