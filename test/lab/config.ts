import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** A config for this host, as an operator would write it. Settings are added to the target, or take the place of its own. */
export const labConfig = (info: LabInfo, settings: Readonly<Record<string, unknown>> = {}): string => {
	const target = {
		host: `${info.user}@${info.sshHost}:${info.sshPort}`,
		directory: info.directory,
		project: info.project,
		runbook: 'abstractfinance',
		badge: 'lab',
		state: join(info.dir, 'state'),
		identityFile: info.identityFile,
		knownHosts: info.knownHosts,
		variables: {
			health_port: info.ports.health,
			metrics_port: info.ports.metrics,
			grafana_port: info.ports.grafana,
			alertmanager_port: info.ports.alertmanager,
			novnc_port: info.ports.novnc,
		},
		...settings,
	};
	const targets = {
		lab: target,
		...(info.guestbook !== undefined && { guestbook: guestbook(target, info.guestbook) }),
	};
	// JSON is YAML.
	const lines = Object.entries(targets).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`);
	return `targets:\n${lines.join('')}`;
};

/** Writes the config beside the lab's own files and gives its path. */
export const writeLabConfig = (info: LabInfo): string => {
	const file = join(info.dir, 'backout.yaml');
	writeFileSync(file, labConfig(info));
	return file;
};
