import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabInfo } from './types.ts';

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
	// JSON is YAML.
	return `targets:\n  lab: ${JSON.stringify(target)}\n`;
};

/** Writes the config beside the lab's own files and gives its path. */
export const writeLabConfig = (info: LabInfo): string => {
	const file = join(info.dir, 'backout.yaml');
	writeFileSync(file, labConfig(info));
	return file;
};
