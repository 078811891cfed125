import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { poisoned } from './poison.ts';

const id = 'a'.repeat(64);
const imageId = `sha256:${'b'.repeat(64)}`;

/** A Docker frame on standard output, as the Engine API sends logs. */
const frame = (text: string): Buffer => {
	const payload = Buffer.from(text);
	const header = Buffer.alloc(8);
	header[0] = 1;
	header.writeUInt32BE(payload.length, 4);
	return Buffer.concat([header, payload]);
};

const containerJson = () => ({
	Id: id,
	Name: `/${poisoned('container-name')}`,
	Created: '2026-11-20T00:00:00Z',
	RestartCount: 3,
	Image: imageId,
	State: {
		Status: 'running',
		StartedAt: '2026-11-22T00:00:00Z',
		FinishedAt: '0001-01-01T00:00:00Z',
		Error: poisoned('start-error'),
		Health: {
			Status: 'unhealthy',
			Log: [{ End: '2026-11-22T00:00:01Z', ExitCode: 1, Output: poisoned('health-output') }],
		},
	},
	Config: {
		Image: poisoned('image-name'),
		Labels: {
			'com.docker.compose.project': 'app',
			'com.docker.compose.oneoff': 'False',
			'com.docker.compose.service': poisoned('service'),
			'com.docker.compose.version': poisoned('label'),
		},
	},
	HostConfig: { RestartPolicy: { Name: 'always' } },
});

const dockerApi = (url: string, response: ServerResponse): void => {
	const path = url.replace(/\?.*/, '');
	const json = (value: unknown) => response.end(JSON.stringify(value));
	const log = `2026-11-22T00:00:02.000000000Z ${poisoned('log-line')}\n2026-11-22T00:00:03.000000000Z error ${poisoned('log-error')}\n`;
	if (path === '/containers/json') {
		const { Name, Config, State } = containerJson();
		json([{ Id: id, Names: [Name], State: State.Status, Status: poisoned('words'), Labels: Config.Labels }]);
	} else if (path === `/containers/${id}/json`) {
		json(containerJson());
	} else if (path.endsWith('/logs')) {
		response.write(frame(log));
		if (!url.includes('follow=1')) {
			response.end();
		}
	} else if (path === '/events') {
		response.write(' ');
		if (url.includes('until=')) {
			response.end();
		}
	} else if (path.startsWith('/images/')) {
		json({ Id: imageId, RepoTags: [poisoned('tag')], Created: '2026-11-20T00:00:00Z', Config: {} });
	} else if (path === '/_ping') {
		response.end('OK');
	} else if (path === '/version') {
		json({ Version: poisoned('version'), ApiVersion: '1.41' });
	} else {
		response.statusCode = 500;
		json({ message: poisoned('docker-error') });
	}
};

/** Answers every request with these bytes: Node's own server would not send such headers. */
const rawServer = (answer: () => string): Server =>
	createServer((socket) => {
		socket.on('error', () => {});
		socket.once('data', () => socket.end(Buffer.from(answer(), 'latin1')));
	});

const listen = (server: Server): Promise<number> =>
	new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

const http = (status: string, headers: readonly string[], body: string): string => {
	const bytes = Buffer.from(body).toString('latin1');
	return [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${bytes.length}`, 'Connection: close', '', bytes].join(
		'\r\n',
	);
};

const metrics = () =>
	[
		`# HELP app_help ${poisoned('metric-help').replaceAll('\n', '')}`,
		'# TYPE app_up gauge',
		`app_up{name="${poisoned('metric-label').replaceAll('"', '')}"} 1`,
		`${poisoned('metric-name')} 1`,
		'',
	].join('\n');

/** A host that does its worst: the folder of a deployment, its Docker, its endpoints. Reached as `local`. */
export interface PoisonedHost {
	readonly folder: string;
	/** The program's environment. */
	readonly env: Readonly<Record<string, string>>;
	readonly state: string;
	close(): Promise<void>;
}

const runbook = (ports: { health: number; redirect: number; metrics: number; alerts: number }) => `
extends: compose
title: Poison
variables: { service: app }
monitors:
  health:
    - { name: health, url: 'http://127.0.0.1:${ports.health}/', interval: 500ms }
    - { name: redirect, url: 'http://127.0.0.1:${ports.redirect}/', interval: 500ms }
  metrics:
    url: http://127.0.0.1:${ports.metrics}/
    interval: 500ms
    series: [{ series: app_up }, { series: app_missing }]
  alerts: { url: 'http://127.0.0.1:${ports.alerts}', interval: 500ms }
  backups: { patterns: ['backups/*'] }
  log: { service: app, pattern: error }
checks:
  body: { kind: http, url: 'http://127.0.0.1:${ports.health}/', expect: { body: well } }
  moved: { kind: http, url: 'http://127.0.0.1:${ports.redirect}/' }
  errors: { kind: log-errors, service: "SERVICE", pattern: error }
  series: { kind: metrics, url: 'http://127.0.0.1:${ports.metrics}/' }
verification: { checks: [containers, body, moved, errors, series], settle: 1s, deadline: 2s }
order: [poison]
procedures:
  poison:
    title: Poison
    group: Poison
    when: Never.
    risk: disruptive
    inputs:
      - { name: thing, title: Thing, preset: first, choices: cat choices, resolve: 'cat choices; exit 1' }
    preconditions:
      - { id: poisoned, title: Poisoned, run: cat precondition }
    previews:
      - { title: Preview, run: cat preview }
    steps:
      - { id: one, title: One, run: 'cat output; printf "image\\\\t%s\\\\n" "$(cat fact)" >>"$run_facts"' }
      - { id: two, title: Two, run: 'cat output >&2; exit 3' }
    restorePoint: true
  refused:
    title: Refused
    group: Poison
    when: Never.
    risk: disruptive
    preconditions:
      - { id: no, title: 'No', run: 'cat precondition; exit 1' }
    steps:
      - { id: one, title: One, run: 'true' }
`;

export const startPoisonedHost = async (): Promise<PoisonedHost> => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-poison-')));
	const [app, bin, state, home] = ['app', 'bin', 'state', 'home'].map((name) => join(folder, name)) as [
		string,
		string,
		string,
		string,
	];
	for (const path of [app, bin, home, join(app, 'backups')]) {
		mkdirSync(path);
	}
	const socket = join(folder, 'docker.sock');
	const docker = createHttpServer((request, response) => dockerApi(request.url ?? '', response));
	await new Promise<void>((resolve) => docker.listen(socket, resolve));
	const location = 'location\u009b5;66H\u009d0;poisoned title\u009c\u0090q\u009c';
	const servers = [
		rawServer(() =>
			http('503 \u009b5;66H', ['Content-Type: text/plain'], `${poisoned('body')}\n${poisoned('second')}`),
		),
		rawServer(() => http('302 Found', [`Location: http://127.0.0.1/${location}`], '')),
		rawServer(() => http('200 OK', [], metrics())),
		rawServer(() =>
			http(
				'200 OK',
				[],
				JSON.stringify([
					{
						labels: { alertname: poisoned('alert-name'), severity: poisoned('severity') },
						annotations: { summary: poisoned('summary') },
						startsAt: '2026-11-22T00:00:00Z',
						status: { state: 'active' },
					},
				]),
			),
		),
	];
	const [health = 0, redirect = 0, metricsPort = 0, alerts = 0] = await Promise.all(servers.map(listen));

	const text = (path: string, content: string, mode = 0o644) => {
		writeFileSync(path, content);
		chmodSync(path, mode);
	};
	const git = (...args: string[]) =>
		execFileSync('git', ['-C', app, '-c', 'user.name=x', '-c', 'user.email=x@localhost', ...args], { stdio: 'pipe' });
	git('init', '-q', '-b', 'main');
	text(join(app, 'file'), '1\n');
	git('add', 'file');
	git('commit', '-q', '-m', 'first');
	text(join(app, 'file'), '2\n');
	text(join(folder, 'subject'), poisoned('subject'));
	git('commit', '-q', '-a', '-F', join(folder, 'subject'));
	git('checkout', '-q', '-b', 'branch\u009b5;66H\u202e\u200b');
	text(join(app, 'backups', `${poisoned('backup').replaceAll('/', '').slice(0, 60)}`), 'x');
	text(
		join(app, 'choices'),
		`value${poisoned('value').replaceAll('\t', '')}\t${poisoned('choice')}\t${poisoned('detail')}\t${poisoned('mark')}\n`,
	);
	for (const name of ['precondition', 'preview', 'output', 'fact']) {
		text(join(app, name), `${poisoned(name)}\n`);
	}
	// Preconditions and the restore point ask docker by its command.
	text(join(bin, 'docker'), `#!/bin/sh\ncat '${app}/docker-says' >&2\nexit 1\n`, 0o755);
	text(join(app, 'docker-says'), `${poisoned('docker-cli')}\n`);
	text(
		join(folder, 'mine.yaml'),
		runbook({ health, redirect, metrics: metricsPort, alerts }).replace(
			'"SERVICE"',
			JSON.stringify(poisoned('service')),
		),
	);
	text(
		join(folder, 'backout.yaml'),
		`targets:\n  poison:\n    host: local\n    directory: ${app}\n    project: app\n    state: ${state}\n    runbook: ./mine.yaml\n`,
	);
	return {
		folder,
		state,
		env: {
			PATH: `${bin}:${process.env.PATH}`,
			DOCKER_HOST: `unix://${socket}`,
			HOME: home,
			XDG_CONFIG_HOME: join(home, '.config'),
		},
		close: async () => {
			await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
			docker.closeAllConnections();
			await new Promise((closed) => docker.close(closed));
			rmSync(folder, { recursive: true, force: true });
		},
	};
};
