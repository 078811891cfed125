import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeFiles } from './compose.ts';
import type { LabInfo } from './types.ts';

/** The second project: reached the same way, with a runbook of its own. */
const guestbook = (
	{ host, state, identityFile, knownHosts }: { host: string; state: string; identityFile: string; knownHosts: string },
	{ directory, port }: NonNullable<LabInfo['guestbook']>,
) => ({
	host,
	directory,
	runbook: join(import.meta.dirname, 'guestbook.yaml'),
	state: `${state}-guestbook`,
	identityFile,
	knownHosts,
	variables: { port },
});

/**
 * A config for this host, as an operator would write it: targets `lab` (root's login), `owner` and `guestbook`. Settings are added
 * to the first two, or take the place of their own; the third one's state lies beside theirs.
 */
export const labConfig = (info: LabInfo, settings: Readonly<Record<string, unknown>> = {}): string => {
	const target = (user: string, badge: string) => ({
		host: `${user}@${info.sshHost}:${info.sshPort}`,
		directory: info.directory,
		project: info.project,
		runbook: 'abstractfinance',
		badge,
		identityFile: info.identityFile,
		knownHosts: info.knownHosts,
		variables: {
			health_port: info.ports.health,
			metrics_port: info.ports.metrics,
			grafana_port: info.ports.grafana,
			alertmanager_port: info.ports.alertmanager,
		},
		compose: composeKeys(info),
		...settings,
	});
	const root = target(info.user, 'lab');
	const targets = {
		lab: root,
		owner: target(info.owner, 'owner'),
		...(info.guestbook !== undefined && {
			guestbook: guestbook({ ...root, state: String(settings.state ?? join(info.dir, 'state')) }, info.guestbook),
		}),
	};
	// JSON is YAML.
	const lines = Object.entries(targets).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`);
	return `default: lab\ntargets:\n${lines.join('')}`;
};

/** Returns the way in which this deployment calls Compose. */
const composeKeys = (info: LabInfo) => ({
	files: composeFiles(info.deployed),
	...(info.secrets === 'dc' && { command: './dc' }),
});

/** Writes the config beside the lab's own files and gives its path. */
export const writeLabConfig = (info: LabInfo): string => {
	const file = join(info.dir, 'backout.yaml');
	writeFileSync(file, labConfig(info));
	return file;
};
