import * as z from 'zod';
import { channels, lockHeldFor } from '../channels/schema.ts';
import { defaultNotify, themeNames } from '../preferences.ts';
import {
	hostPathPattern,
	hostPattern,
	labelSelectorPattern,
	namespacePattern,
	stackPattern,
	targetNamePattern,
} from '../reserved-names.ts';
import { defaultRunLimits } from '../run-limits.ts';
import { duration, mapping, size, text, variables } from './parts.ts';

const host = () =>
	text()
		.regex(hostPattern, 'expected [user@]host[:port] (an IPv6 address in brackets), a Host of ~/.ssh/config, or local')
		.refine(
			(value) => Number(/:(\d+)$/.exec(value)?.[1] ?? 1) <= 65_535 && !/:0+$/.test(value),
			'a port is from 1 to 65535',
		);

const oneHost = hostPattern.source.slice(1, -1);
const jumpPattern = new RegExp(`^${oneHost}(?:,${oneHost})*$`);

export const runs = mapping('runs', {
	output: size()
		.refine((bytes) => bytes >= 128 * 1024, 'must be 128KB or more')
		.optional()
		.describe("How much of a run's output to keep, half from its beginning and half from its end; default 64MB"),
	keepFor: duration().optional().describe('Runs older than this are pruned when the next one starts; default 90d'),
	keepSize: size().optional().describe('If all runs together are larger than this, the oldest are pruned; default 1GB'),
	freeSpace: size()
		.optional()
		.describe('No run that changes the host starts if one of its disks has less free space than this; default 64MB'),
})
	.transform(({ output, keepFor, keepSize, freeSpace }) => ({
		outputBytes: output ?? defaultRunLimits.outputBytes,
		keepMs: keepFor ?? defaultRunLimits.keepMs,
		keepBytes: keepSize ?? defaultRunLimits.keepBytes,
		freeBytes: freeSpace ?? defaultRunLimits.freeBytes,
	}))
	.optional()
	.describe('Disk space that runs may use on the host');

/** The engines that a target may name. */
const engineNames = ['compose', 'swarm', 'kubernetes'] as const;

/** How to call Compose for a deployment. */
export const compose = mapping('compose', {
	files: z.array(text()).default([]).describe('Compose files in order, like -f; relative to directory'),
	envFiles: z.array(text()).default([]).describe('Env files, like --env-file; relative to directory'),
	profiles: z.array(text()).default([]).describe('Profiles, like --profile'),
	command: text()
		.optional()
		.describe(
			'A program to call instead of docker compose, with the same arguments, such as ./dc; relative to directory',
		),
})
	.optional()
	.describe('How to call Compose for this deployment; default: read from the labels of its containers');

/** The deployment in a cluster of Kubernetes, and how the cluster is reached from the host. */
export const kubernetes = mapping('kubernetes', {
	namespace: z
		.string()
		.regex(
			namespacePattern,
			'a namespace is made of a-z, 0-9 and -, begins and ends with a letter or digit, and has at most 63 characters',
		)
		.describe('The namespace of the deployment'),
	selector: text()
		.regex(labelSelectorPattern, 'expected a label selector such as app.kubernetes.io/instance=shop,tier!=test')
		.optional()
		.describe(
			'A label selector, like kubectl -l: only workloads with these labels belong to the deployment. A Helm release is app.kubernetes.io/instance=NAME. Default: every workload of the namespace',
		),
	context: text()
		.regex(/^[\w.:@/+=-]+$/, 'expected the name of a context, of letters, digits and . / : - _ @ + =')
		.optional()
		.describe('A context of the kubeconfig, like kubectl --context; default: its current one'),
	kubeconfig: z
		.string()
		.regex(/^(?:~\/|\/)[\w./@+=-]*$/, 'expected a path on the host: absolute or beginning with ~/, without blanks')
		.optional()
		.describe(
			'The kubeconfig on the host, like kubectl --kubeconfig; default: what kubectl uses there, or else that of kubeadm or k3s',
		),
})
	.optional()
	.describe('With engine: kubernetes: where the deployment is in the cluster');

const target = mapping('target', {
	host: z
		.union([host(), z.array(host()).min(1, 'name at least one host')], {
			error: 'expected [user@]host[:port], or a list of them',
		})
		.describe(
			'[user@]host[:port], a Host of ~/.ssh/config, or local (no SSH). With engine: swarm also a list of managers, of which the first that answers is asked',
		),
	workers: z
		.array(host())
		.min(1, 'name at least one node')
		.optional()
		.describe(
			'With engine: swarm: nodes that are no managers, like host. The CPU and memory of their tasks are read there, and nothing else',
		),
	directory: z
		.string()
		.regex(hostPathPattern, 'expected an absolute path on the host')
		.describe(
			'The folder of the Compose project or of the stack on the host, an absolute path. With engine: kubernetes the folder of the manifests, or any other',
		),
	engine: z
		.enum(engineNames)
		.default('compose')
		.describe(
			'What runs the services: Docker Compose on this host, a Docker Swarm of which this host is a manager, or a Kubernetes that kubectl on this host reaches',
		),
	project: z
		.string()
		// What else it must be depends on the engine: load-config.ts reports it.
		.meta({ pattern: stackPattern.source })
		.optional()
		.describe(
			'Name of the Compose project; default: the project of the containers created in directory, or else the name that Compose uses there. With engine: swarm the name of the stack; default: the name of directory. Not with engine: kubernetes, where namespace and selector name the deployment',
		),
	compose,
	kubernetes,
	runbook: text()
		.optional()
		.describe(
			'The name of a built-in runbook, or a path relative to this file; default: the one that has the name of the engine',
		),
	badge: text().optional().describe('Shown beside the host everywhere, such as production'),
	readOnly: z.boolean().default(false).describe('Refuse everything that would change the host'),
	state: z
		.string()
		.regex(hostPathPattern, 'expected an absolute path on the host')
		.optional()
		.describe('Folder on the host for runs and the lock; default: chosen outside the deployment'),
	identityFile: text().optional().describe('Private key, like ssh -i'),
	knownHosts: text().optional().describe('File with the keys of known hosts; default: those that ssh uses'),
	sshConfig: text().optional().describe('Configuration of ssh, like ssh -F'),
	jump: text()
		.regex(jumpPattern, 'expected [user@]host[:port], or several with commas between them')
		.optional()
		.describe('Jump hosts, with commas between them, like ssh -J'),
	transport: z
		.enum(['auto', 'openssh', 'ssh2'])
		.optional()
		.describe(
			"What connects: the system's ssh (openssh), the built-in library (ssh2), or auto, the default: ssh2, and openssh where only that can do what ssh is configured for",
		),
	path: z
		.array(
			z
				.string()
				.regex(/^\/[\w./@+~ -]*$/, 'expected the absolute path of a folder, of letters, digits and . / - _ @ + ~'),
		)
		.optional()
		.describe('Folders on the host with programs such as docker, searched before PATH and the usual places'),
	dockerHost: z
		.string()
		.regex(
			/^(?:unix:\/\/\/[\w./@+~-]+|tcp:\/\/[\w.:[\]-]+|ssh:\/\/[\w.@:/[\]-]+)$/,
			'expected what DOCKER_HOST takes: unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST',
		)
		.optional()
		.describe('Where Docker is for this login, like DOCKER_HOST; default: as the login says, or else the usual places'),
	sudo: z
		.boolean()
		.default(false)
		.describe(
			'Call docker by sudo -n on the host, for a login that may use Docker by that alone; with engine: kubernetes, kubectl',
		),
	runs,
	blockFor: duration()
		.optional()
		.describe('How long a version that was rolled back stays blocked; default 7d; 0s: nothing is blocked'),
	variables: variables().default({}).describe("Overrides the runbook's variables"),
}).describe('A host and the Compose project, the stack or the workloads that it reaches');

export const notify = mapping('notify', {
	bell: z.boolean().default(defaultNotify.bell).describe('Ring the bell of the terminal'),
	terminal: z
		.boolean()
		.default(defaultNotify.terminal)
		.describe('Send a terminal notification, if the terminal supports it'),
	desktop: z.boolean().default(defaultNotify.desktop).describe('Send a desktop notification: notify-send, osascript'),
	webhook: z
		.url({ protocol: /^https?$/, error: 'expected a URL that begins with http:// or https://' })
		.optional()
		.describe('URL that gets each notification as JSON, sent by this machine'),
	channels: channels(),
	lockHeldFor: lockHeldFor(),
	after: duration()
		.optional()
		.describe(
			'How long you must have waited before bell, terminal and desktop notify; default 10s. The webhook is always called',
		),
})
	.transform(({ after, lockHeldFor: held, ...rest }) => ({
		...rest,
		afterMs: after ?? defaultNotify.afterMs,
		...(rest.channels !== undefined && { lockHeldMs: held ?? defaultNotify.lockHeldMs }),
	}))
	.optional()
	.describe('Notifications when a run has ended or waits for you');

/** The config file, `backout.yaml`. */
export const configSchema = mapping('config', {
	default: text().optional().describe('The target to use without --target; default: the first'),
	theme: z.enum(themeNames).optional().describe('Colours of the screen and of printed text; default: dark'),
	screenReader: z
		.boolean()
		.optional()
		.describe('Show the screen as lines of text, for a screen reader; default: false'),
	notify,
	targets: z
		.record(
			z
				.string()
				.regex(targetNamePattern, 'a name is made of letters, digits, ".", - and _, and begins with a letter or digit'),
			target,
		)
		.refine((targets) => Object.keys(targets).length > 0, 'there must be at least one target')
		.describe('Targets by name'),
});

type TargetInput = z.output<typeof target>;

/** Returns the locations of a target's programs; undefined if its config does not name them. */
export const programsOf = ({ path, dockerHost, sudo }: TargetInput) =>
	path === undefined && dockerHost === undefined && !sudo
		? {}
		: {
				programs: {
					...(path !== undefined && { path }),
					...(dockerHost !== undefined && { engineHost: dockerHost }),
					...(sudo && { sudo }),
				},
			};

export type ConfigInput = z.output<typeof configSchema>;
