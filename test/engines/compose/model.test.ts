import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jobsOf, parseModel } from '../../../src/engines/compose/model.ts';

/** Printed by `docker compose config --format json` of Compose 2.26. */
const model = parseModel(readFileSync(new URL('model.json', import.meta.url), 'utf8'));
const service = (name: string) => model.services.find((one) => one.name === name);

test('the services of a project, without those of profiles that are not in use', () => {
	expect(model.project).toBe('demo');
	expect(model.services.map(({ name }) => name)).toEqual(['db', 'job', 'migrate', 'two', 'web', 'zero']);
});

test('how many containers of each there should be', () => {
	expect(Object.fromEntries(model.services.map(({ name, replicas }) => [name, replicas]))).toEqual({
		db: 1,
		job: 1,
		migrate: 1,
		two: 2,
		web: 3,
		zero: 0,
	});
});

test('what waits for what, and which services are jobs that others wait for', () => {
	expect(service('web')?.dependsOn).toEqual([
		{ service: 'db', condition: 'service_healthy', required: false, restart: false },
		{ service: 'migrate', condition: 'service_completed_successfully', required: true, restart: false },
	]);
	expect(service('two')?.shares).toEqual(['db']);
	expect([...jobsOf(model)]).toEqual(['migrate']);
});

test('restart policies as Docker gets them, deploy.restart_policy included', () => {
	expect(['db', 'job', 'migrate', 'web'].map((name) => service(name)?.restart)).toEqual(['no', 'no', 'no', 'always']);
});

test('a health check is given, switched off in either way, or left to the image', () => {
	expect(['db', 'web', 'two', 'zero'].map((name) => service(name)?.healthcheck)).toEqual([
		'given',
		'disabled',
		'disabled',
		undefined,
	]);
});

test('images, builds, commands with a dollar sign, environment, mounts and ports', () => {
	expect(service('web')?.build).toMatchObject({ context: '/srv/demo', dockerfile: 'Dockerfile', inline: false });
	expect(service('job')).toMatchObject({
		imageName: 'demo-job',
		build: {
			context: '/srv/demo/d',
			inline: true,
			target: 't',
			args: { Q: '1' },
			additionalContexts: { z: '/srv/demo/z' },
		},
	});
	expect(service('two')).toMatchObject({ command: ['sh', '-c', 'echo $X'], entrypoint: ['a', 'b'], user: '10' });
	expect(service('db')?.command).toBeUndefined();
	expect(service('web')?.environment).toEqual({ A: '1', B: null });
	expect(service('web')?.mounts).toEqual([
		{ type: 'volume', source: 'data', target: '/data', readOnly: false },
		{ type: 'bind', source: '/srv/demo/x', target: '/x', readOnly: true },
		{ type: 'volume', source: undefined, target: '/anon', readOnly: false },
		{ type: 'tmpfs', source: undefined, target: '/t', readOnly: false },
	]);
	expect(service('web')?.ports[1]).toEqual({ target: 9000, published: '9000', protocol: 'udp', hostIp: '127.0.0.1' });
	expect(service('db')).toMatchObject({ configs: ['c1'], secrets: ['s1'], networks: ['other'] });
});

test('volumes and networks by the names that Docker has for them', () => {
	expect(model.volumes).toMatchObject([{ key: 'data', name: 'demo_data', external: false, file: undefined }]);
	expect(model.networks.find(({ key }) => key === 'other')).toMatchObject({ name: 'yy', external: true });
});

test('what is no project is refused', () => {
	expect(() => parseModel('services:\n  web: {}\n')).toThrow('did not print JSON');
	expect(() => parseModel('{"name":"x"}')).toThrow('no services');
	expect(() => parseModel('[]')).toThrow('no services');
});

test.for(['-', '_'])('images have the names that Compose gives them, here with %s', (mark) => {
	const services = {
		web: { build: '.' },
		api: { image: 'api:1' },
		side: { network_mode: `container:shop${mark}web${mark}1` },
	};
	const images = ['api:1', `shop${mark}web`, `shop${mark}side`];
	const parsed = parseModel(JSON.stringify({ name: 'shop', services }), images).services;
	expect(parsed.map(({ imageName }) => imageName)).toEqual(['api:1', `shop${mark}side`, `shop${mark}web`]);
	expect(parsed.find(({ name }) => name === 'side')?.shares).toEqual(['web']);
});
