import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { Engine } from '../../src/engine/engine.ts';
import { createDocker, type Docker } from '../../src/engines/docker/docker.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import type { InstanceModel } from '../../src/services/instances/instance-model.ts';
import { labAvailable, readLabInfo } from '../lab/index.ts';
import { hostEnv } from '../lab/layout.ts';
import { watchedCompose } from './watched-compose.ts';

const call = promisify(execFile);

/** A Compose project's containers on the lab's Docker, made by hand so that each test has its own. */
export interface TestProject {
	readonly project: string;
	readonly host: LocalHost;
	readonly docker: Docker;
	readonly engine: Engine;
	readonly instances: InstanceModel;
	/** Starts a container of a service that runs a script; gives its id. `options` are of `docker run`. */
	run(service: string, script: string, ...options: string[]): Promise<string>;
	/** The docker command. Gives what it prints. */
	command(...args: string[]): Promise<string>;
	close(): Promise<void>;
}

/** True when there is a lab; printed once, and an error if one is required. */
export const labIsThere = async (): Promise<boolean> => {
	const { ok, reason } = await labAvailable();
	if (!ok && process.env.BACKOUT_LAB === 'required') {
		throw new Error(`the lab is required, but it is not available: ${reason}`);
	}
	if (!ok) {
		process.stdout.write(`skipped, there is no lab: ${reason}\n`);
	}
	return ok;
};

/** @param directory the folder of the Compose file that the containers say they were made with; without it they say nothing of one */
export const openProject = (directory?: string): TestProject => {
	const info = readLabInfo();
	const env = { ...process.env, ...hostEnv(info) };
	const project = `test-${randomBytes(4).toString('hex')}`;
	const host = new LocalHost({ env });
	const command = async (...args: string[]) => (await call('docker', args, { env })).stdout.trim();
	const ofProject = 'com.docker.compose.project';
	const made =
		directory === undefined
			? []
			: [`${ofProject}.working_dir=${directory}`, `${ofProject}.config_files=${directory}/compose.yaml`];
	return {
		project,
		docker: createDocker(host),
		...watchedCompose(host, { project, directory: '/', projectGiven: true }),
		host,
		command,
		run: (service, script, ...options) =>
			command(
				...['run', '-d', '--network', 'none', '--name', `${project}-${service}-${randomBytes(2).toString('hex')}`],
				...['--label', `com.docker.compose.project=${project}`, '--label', `com.docker.compose.service=${service}`],
				...['--label', 'com.docker.compose.oneoff=False'],
				...made.flatMap((label) => ['--label', label]),
				...[...options, '--entrypoint', 'sh', 'lab/base:1', '-c', script],
			),
		close: async () => {
			await host.close();
			const ids = await command('ps', '-aq', '--filter', `label=com.docker.compose.project=${project}`);
			if (ids !== '') {
				await command('rm', '-f', ...ids.split('\n'));
			}
		},
	};
};
