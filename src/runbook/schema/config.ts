import * as z from 'zod';
import { defaultNotify, themeNames } from '../preferences.ts';
import { hostPathPattern, hostPattern, projectPattern, targetNamePattern } from '../reserved-names.ts';
import { defaultRunLimits } from '../run-limits.ts';
import { duration, mapping, size, text, variables } from './parts.ts';

const host = () =>
	text()
		.regex(hostPattern, 'expected [user@]host[:port] (an IPv6 address in brackets), a Host of ~/.ssh/config, or local')
		.refine(
			(value) => Number(/:(\d+)$/.exec(value)?.[1] ?? 1) <= 65_535 && !/:0+$/.test(value),
			'a port is from 1 to 65535',
		);

export const runs = mapping('runs', {
	output: size()
		.refine((bytes) => bytes >= 128 * 1024, 'must be 128KB or more')
		.optional()
		.describe("The most that is kept of a run's output, half of it its beginning and half its end; default 64MB"),
	keepFor: duration().optional().describe('Runs older than this are pruned when the next begins; default 90d'),
	keepSize: size().optional().describe('The oldest runs are pruned while all together take more; default 1GB'),
	freeSpace: size()
		.optional()
		.describe('Nothing that changes the host is begun with less room than this on its disks; default 64MB'),
})
	.transform(({ output, keepFor, keepSize, freeSpace }) => ({
		outputBytes: output ?? defaultRunLimits.outputBytes,
		keepMs: keepFor ?? defaultRunLimits.keepMs,
		keepBytes: keepSize ?? defaultRunLimits.keepBytes,
		freeBytes: freeSpace ?? defaultRunLimits.freeBytes,
	}))
	.optional()
	.describe('What runs may take and leave behind on the host');

/** How Compose is called for a deployment. */
export const compose = mapping('compose', {
	files: z.array(text()).default([]).describe('The Compose files, in order, as with -f; relative to directory'),
	envFiles: z.array(text()).default([]).describe('Env files, as with --env-file; relative to directory'),
	profiles: z.array(text()).default([]).describe('Profiles in use, as with --profile'),
	command: text()
		.optional()
		.describe(
			'A program that is called in place of docker compose, with the same arguments, such as ./dc; relative to directory',
		),
})
	.optional()
	.describe('How Compose is called for this deployment; default: as its containers say they were made');

const target = mapping('target', {
	host: host().describe('[user@]host[:port], a Host of ~/.ssh/config, or local (no SSH)'),
	directory: z
		.string()
		.regex(hostPathPattern, 'expected an absolute path on the host')
		.describe('The folder of the Compose project on the host; an absolute path'),
	project: z
		.string()
		.regex(projectPattern, 'a Compose project is made of a-z, 0-9, - and _, and begins with a letter or digit')
		.optional()
		.describe(
			'Name of the Compose project; default: that of the containers made in directory, else as Compose names it there',
		),
	compose,
	runbook: text().default('compose').describe('The name of a built-in runbook, or a path relative to this file'),
	badge: text().optional().describe('Shown beside the host everywhere, such as production'),
	readOnly: z.boolean().default(false).describe('Refuse everything that would change the host'),
	state: z
		.string()
		.regex(hostPathPattern, 'expected an absolute path on the host')
		.optional()
		.describe('Folder on the host for runs and the lock; found by itself when not given'),
	identityFile: text().optional().describe('Private key; as ssh -i'),
	knownHosts: text().optional().describe('File with the keys of known hosts; default: as ssh'),
	sshConfig: text().optional().describe('Configuration of ssh; as ssh -F'),
	jump: host().optional().describe('Host to connect through, one hop; as ssh -J'),
	runs,
	variables: variables().default({}).describe("Overrides the runbook's variables"),
}).describe('A host and the Compose project on it');

export const notify = mapping('notify', {
	bell: z.boolean().default(defaultNotify.bell).describe('Ring the bell of the terminal'),
	terminal: z.boolean().default(defaultNotify.terminal).describe('Have the terminal notify, where it can'),
	desktop: z.boolean().default(defaultNotify.desktop).describe('Notify on the desktop: notify-send, osascript'),
	webhook: z
		.url({ protocol: /^https?$/, error: 'expected a URL that begins with http:// or https://' })
		.optional()
		.describe('A URL that gets each one as JSON, from this machine'),
	after: duration()
		.optional()
		.describe('How long you must have waited for bell, terminal and desktop; default 10s. The webhook always fires'),
})
	.transform(({ after, ...rest }) => ({ ...rest, afterMs: after ?? defaultNotify.afterMs }))
	.optional()
	.describe('How you are told that a run has ended, or waits for you');

/** The config file, `backout.yaml`. */
export const configSchema = mapping('config', {
	default: text().optional().describe('The target that is used when none is named; default: the first'),
	theme: z.enum(themeNames).optional().describe('Colours of the screen and of what is printed; default: dark'),
	screenReader: z.boolean().optional().describe('The screen as lines of words, to be read aloud; default: no'),
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

export type ConfigInput = z.output<typeof configSchema>;
