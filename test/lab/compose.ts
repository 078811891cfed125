import { exec, must } from './exec.ts';
import { ownerEnv } from './layout.ts';
import { asOwner } from './owner.ts';
import type { DeployedMode, LabInfo, Output } from './types.ts';

/** The Compose files that a deployment is made of: the common one, and what only this kind of server runs. */
export const composeFiles = (mode: DeployedMode): string[] => [
	'docker-compose.yml',
	mode === 'branch' ? 'docker-compose.staging.yml' : 'docker-compose.prod.yml',
];

/** The names of the ten services. */
export const services = [
	'ibgateway',
	'trading-engine',
	'postgres',
	'alertmanager',
	'prometheus',
	'grafana',
	'loki',
	'promtail',
	'autoheal',
	'cross-monitor',
];

/** Runs a program in the deployed clone, as its owner. Throws when it fails; gives its trimmed standard output. */
export function onHost(info: LabInfo, command: string, ...args: string[]): Promise<string> {
	return must(...asOwner(command, args), { cwd: info.directory, env: ownerEnv(info) });
}

/** Like `onHost`, but returns any exit code. */
export function tryOnHost(info: LabInfo, command: string, ...args: string[]): Promise<Output> {
	return exec(...asOwner(command, args), { cwd: info.directory, env: ownerEnv(info) });
}

/** The user's own Compose command, with both files, and by `./dc` where there is no .env. */
export function composeCommand(info: LabInfo): [string, string[]] {
	const files = composeFiles(info.deployed).flatMap((name) => ['-f', name]);
	return info.secrets === 'dc' ? ['./dc', files] : ['docker', ['compose', ...files]];
}

/** Runs Compose as the deployment does. Throws when it fails; gives its standard output. */
export function compose(info: LabInfo, ...args: string[]): Promise<string> {
	const [command, files] = composeCommand(info);
	return onHost(info, command, ...files, ...args);
}
