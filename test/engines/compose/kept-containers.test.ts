import { expect, test } from 'vitest';
import { keptContainers } from '../../../src/engines/compose/undo/kept-containers.ts';

test('containers are read from what docker inspect printed, one-off ones not', () => {
	const container = (service: string, status: string, oneoff: string, image = 'app-web') => ({
		Name: '/app-1',
		Image: `sha256:${'0'.repeat(64)}`,
		State: { Status: status },
		Config: {
			Image: image,
			Labels: {
				'com.docker.compose.service': service,
				'com.docker.compose.oneoff': oneoff,
				'com.docker.compose.config-hash': 'h',
			},
		},
	});
	expect(
		keptContainers(
			JSON.stringify([
				container('web', 'restarting', 'False'),
				container('db', 'exited', 'False', 'sha256:1'),
				container('web', 'exited', 'True'),
				{},
			]),
		),
	).toEqual([
		{
			service: 'web',
			number: '1',
			state: 'running',
			image: expect.any(String),
			imageName: 'app-web',
			hash: 'h',
			name: 'app-1',
			withDependencies: false,
		},
		{
			service: 'db',
			number: '1',
			state: 'stopped',
			image: expect.any(String),
			imageName: '',
			hash: 'h',
			name: 'app-1',
			withDependencies: false,
		},
	]);
	expect(keptContainers('not json')).toEqual([]);
});
