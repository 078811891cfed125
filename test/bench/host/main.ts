// A host to measure against, in a process of its own: a real sshd, git and shell, and a Docker Engine that is played, so
// that it can have any number of containers and write logs at any rate. It ends when its standard input does.
import { execFileSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { dockerCommand } from '../../../demo/command/docker.ts';
import { listenForCommands } from '../../../demo/command/server.ts';
import { listenApi } from '../../../demo/docker/api.ts';
import { createEngine } from '../../../demo/docker/engine.ts';
import { labels } from '../../../demo/docker/types.ts';
import { perlClient } from '../../../demo/host/perl-client.ts';
import { freePorts } from '../../../demo/host/ports.ts';
import { publicKey, startSshd } from '../../ssh/sshd.ts';
import { makeControlGroups } from './control-groups.ts';
import { createFlood, type Flood } from './flood.ts';
import type { Answer, HostPlace, HostPlan, Order } from './orders.ts';
import { benchProgram, type Load } from './program.ts';

const plan = JSON.parse(process.argv[2] ?? '{}') as HostPlan;
const { folder } = plan;
const at = (name: string) => join(folder, name);
const project = 'bench';
const first = 'app-01';
/** Old enough that its age does not change every second. */
const deployedAt = new Date(Date.now() - 50 * 3_600_000);

/** A followed log of the first container is the flood; everything else is the played engine's. */
const serveFlood = (server: Server, id: string, flood: Flood) => {
	const [played] = server.listeners('request') as [(request: IncomingMessage, response: ServerResponse) => void];
	server.removeAllListeners('request');
	server.on('request', (request, response) => {
		const url = new URL(request.url ?? '/', 'http://docker');
		// The monitor of errors asks for times; a reader of the log does not.
		const follows = url.searchParams.get('follow') === '1' || url.searchParams.get('follow') === 'true';
		const times = ['1', 'true'].includes(url.searchParams.get('timestamps') ?? '');
		if (follows && !times && url.pathname.endsWith(`/containers/${id}/logs`)) {
			flood.send(response);
		} else {
			played(request, response);
		}
	});
};

const makeProject = (directory: string, services: readonly string[]) => {
	mkdirSync(directory, { recursive: true });
	const yaml = services.map((name) => `  ${name}: { image: bench:latest }\n`).join('');
	writeFileSync(join(directory, 'compose.yaml'), `name: ${project}\nservices:\n${yaml}`);
	mkdirSync(join(directory, 'backups'));
	const backup = join(directory, 'backups', 'bench_1.sql.gz');
	writeFileSync(backup, 'x'.repeat(4096));
	utimesSync(backup, deployedAt, new Date(Date.now() - 10 * 3_600_000));
	const git = (...args: readonly string[]) =>
		execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args], {
			cwd: directory,
			stdio: 'ignore',
			env: { ...process.env, GIT_AUTHOR_DATE: deployedAt.toISOString(), GIT_COMMITTER_DATE: deployedAt.toISOString() },
		});
	git('init', '--initial-branch=main');
	git('add', 'compose.yaml');
	git('commit', '--message', 'Deploy');
};

for (const name of ['bin', 'srv', 'tmp']) {
	mkdirSync(at(name));
}
const services = Array.from({ length: plan.containers }, (_, n) => `app-${String(n + 1).padStart(2, '0')}`);
const directory = at('srv/bench');
makeProject(directory, services);
const [health = 0, metrics = 0, alertmanager = 0] = await freePorts(3);
const load: Load = { series: plan.series, changing: plan.changing };
const flood = createFlood();
const dockerSocket = at('docker.sock');
const programOf = (name: string) => benchProgram(load, name.endsWith(`${first}-1`));
const engine = createEngine({ programOf: ({ name }) => programOf(name), root: folder });
const { image } = engine.images.add({
	files: new Map(),
	labels: {},
	bytes: 80_000_000,
	createdAt: BigInt(deployedAt.getTime()) * 1_000_000n,
});
engine.images.tag(image, 'bench:latest');
const ids: string[] = [];
for (const service of services) {
	const container = engine.create({
		name: `${project}-${service}-1`,
		image,
		imageName: 'bench:latest',
		labels: {
			[labels.project]: project,
			[labels.service]: service,
			[labels.number]: '1',
			[labels.oneOff]: 'False',
			[labels.folder]: directory,
			[labels.files]: join(directory, 'compose.yaml'),
		},
		env: {},
		restartPolicy: 'no',
		mounts: [],
		ports:
			service === first
				? [
						{ host: health, container: 8080 },
						{ host: metrics, container: 8000 },
						{ host: alertmanager, container: 9093 },
					]
				: [],
		network: `${project}_default`,
	});
	await engine.start(container);
	const before = BigInt(Date.now() - 90 * 60_000) * 1_000_000n;
	container.createdAt = before;
	container.startedAt = before;
	ids.push(container.id);
}
const removeControlGroups = makeControlGroups(ids);
const deployment = { programOf: (container: { name: string }) => programOf(container.name), runOnce: async () => 127 };
const api = await listenApi(engine, dockerSocket);
serveFlood(api, engine.find(`${project}-${first}-1`)?.id ?? '', flood);
const commands = await listenForCommands(at('cli.sock'), dockerCommand(engine, deployment, dockerSocket));
writeFileSync(at('docker.pl'), perlClient);
writeFileSync(at('bin/docker'), `#!/bin/sh\nexec perl '${at('docker.pl')}' '${at('cli.sock')}' "$PWD" "$@"\n`, {
	mode: 0o755,
});
const sshd = await startSshd([
	`SetEnv PATH=${at('bin')}:${process.env.PATH} DOCKER_HOST=unix://${dockerSocket} SHLVL=1 GIT_CONFIG_NOSYSTEM=1`,
]);
const [type, key] = (await publicKey(sshd.hostKey)).split(' ');
const place: HostPlace = {
	port: sshd.port,
	user: sshd.user,
	identityFile: sshd.identity,
	knownHosts: sshd.knownHosts,
	hostKey: `${type} ${key}`,
	directory,
	state: at('state'),
	dockerSocket,
	sshd: sshd.pid,
	ports: { health, metrics, alertmanager },
};
process.stdout.write(`${JSON.stringify(place)}\n`);

const obey = async (order: Order) => {
	switch (order.do) {
		case 'flood':
			flood.rate(order.rate);
			return;
		case 'change':
			load.changing = order.changing;
			return;
		default: {
			const container = engine.find(`${project}-${order.name}-1`);
			if (container !== undefined) {
				await (order.do === 'kill' ? engine.stop(container, '9') : engine.start(container, true));
			}
		}
	}
};

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
	const now = performance.timeOrigin + performance.now();
	await obey(JSON.parse(line) as Order);
	const answer: Answer = { at: now, written: flood.written };
	process.stdout.write(`${JSON.stringify(answer)}\n`);
}
flood.stop();
api.close();
api.closeAllConnections();
commands.close();
await sshd.stop();
await engine.close();
removeControlGroups();
process.exit();
