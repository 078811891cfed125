import { expect, test } from 'vitest';
import { toDescription } from '../../src/engines/docker/description.ts';

const base = {
	Id: 'abc',
	Name: '/app-web-1',
	State: { Status: 'running' },
	Config: { Labels: { 'com.docker.compose.service': 'web' } },
};

test('an inspection as an operator reads it', () => {
	const described = toDescription({
		...base,
		Path: '/entry.sh',
		Args: ['serve', '--port', '80'],
		Config: {
			...base.Config,
			User: '1000:1000',
			WorkingDir: '/srv',
			Env: ['A=1', 'URL=postgres://u:p@db/x?a=b', 'BARE'],
			Healthcheck: { Test: ['CMD-SHELL', 'curl -f http://localhost'] },
		},
		Mounts: [
			{ Type: 'volume', Name: 'data', Source: '/var/lib/docker/volumes/data/_data', Destination: '/data', RW: true },
			{ Type: 'bind', Source: '/etc/app', Destination: '/etc/app', RW: false },
			{ Type: 'tmpfs', Source: '', Destination: '/tmp', RW: true },
		],
		NetworkSettings: {
			Ports: {
				'8080/tcp': null,
				'80/tcp': [
					{ HostIp: '127.0.0.1', HostPort: '8000' },
					{ HostIp: '::', HostPort: '8001' },
				],
			},
			Networks: { app_default: {}, edge: {} },
		},
	});
	expect(described).toMatchObject({
		command: ['/entry.sh', 'serve', '--port', '80'],
		user: '1000:1000',
		workingDirectory: '/srv',
		environment: [
			['A', '1'],
			['URL', 'postgres://u:p@db/x?a=b'],
			['BARE', ''],
		],
		healthCheck: ['curl -f http://localhost'],
		mounts: [
			{ kind: 'volume', source: 'data', target: '/data', readOnly: false },
			{ kind: 'bind', source: '/etc/app', target: '/etc/app', readOnly: true },
			{ kind: 'tmpfs', source: '', target: '/tmp', readOnly: false },
		],
		networks: ['app_default', 'edge'],
		shellCommand: 'docker exec -it app-web-1 sh',
	});
	expect(described.ports).toEqual([
		{ container: '80/tcp', host: '127.0.0.1:8000' },
		{ container: '80/tcp', host: '[::]:8001' },
		{ container: '8080/tcp' },
	]);
});

test('one that has ended says which ports it would publish, and what is missing is left out', () => {
	const described = toDescription({
		...base,
		HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8000' }] } },
		NetworkSettings: { Ports: {} },
		Config: { ...base.Config, Healthcheck: { Test: ['NONE'] } },
	});
	expect(described.ports).toEqual([{ container: '80/tcp', host: '0.0.0.0:8000' }]);
	expect(described).toMatchObject({ command: [], mounts: [], environment: [], networks: [], user: '' });
	expect(described.healthCheck).toBeUndefined();
	expect(
		toDescription({ ...base, Mounts: null, Args: null, NetworkSettings: { Ports: null, Networks: null } }).ports,
	).toEqual([]);
});
