import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect } from 'vitest';
import { baseImage } from './harness/base-image.ts';
import { type OpenSite, test, type WithSite, withoutEngine } from './harness/index.ts';
import type { Site } from './harness/site.ts';

interface Choice {
	readonly label: string;
	readonly detail: string;
}

const repository = (site: Site) => `registry.invalid/${site.token}/web`;

/** Three versions of one image, as they were pulled one after another. */
const openVersions = async (
	openSite: OpenSite,
	files: (image: string) => Readonly<Record<string, string>>,
	options: Parameters<OpenSite>[0] = {},
): Promise<Site> => {
	const site = await openSite({ noGit: true, ...options });
	for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
		const command = '["sh","-c","trap exit TERM; while :; do sleep 1; done"]';
		await site.sh(
			`printf 'FROM ${baseImage}\\nLABEL test.version=${version}\\nCMD ${command}\\n' | docker build -q -t ${repository(site)}:${version} -`,
		);
	}
	site.write(files(repository(site)));
	await site.compose('up', '-d');
	return site;
};

const versions = async (site: Site) =>
	Object.fromEntries((await site.containers()).map(({ service, version }) => [service, version]));

const idOf = (site: Site, version: string) =>
	site.docker('image', 'inspect', '--format', '{{.Id}}', `${repository(site)}:${version}`);

const two = (image: string) =>
	`services:\n  web: { image: "${image}", restart: always }\n  worker: { image: "${image}", restart: always }\n`;

/** The places where owners keep the version: files of the folder, and arguments of Compose. */
const places: Record<string, { files: (image: string) => Record<string, string>; args?: string[]; kept: string }> = {
	'in .env': {
		files: (image) => ({ 'compose.yaml': two(`${image}:\${TAG:?}`), '.env': 'A=1\nTAG=1.2.0 # the release\n' }),
		kept: '.env',
	},
	'in .env, quoted, as a part of the tag, beside the same number of somebody else': {
		files: (image) => ({
			'compose.yaml': two(`${image}:1.\${MINOR}.0`),
			'.env': 'OTHER="2"\nexport MINOR="2"\n',
		}),
		kept: '.env',
	},
	'in an env file that Compose is given': {
		files: (image) => ({ 'compose.yaml': two(`\${IMAGE}`), '.env.production': `IMAGE=${image}:1.2.0\n` }),
		args: ['--env-file', '.env.production'],
		kept: '.env.production',
	},
	'in the second of two env files that Compose is given': {
		files: (image) => ({
			'compose.yaml': two(`${image}:\${TAG:?}`),
			'.env': 'TAG=1.0.0\n',
			'.env.production': 'TAG=1.2.0\n',
		}),
		args: ['--env-file', '.env', '--env-file', '.env.production'],
		kept: '.env.production',
	},
	'in .env, where the env_file of the service has the same line': {
		files: (image) => ({
			'compose.yaml': `services:\n  web: { image: "${image}:\${TAG:?}", env_file: web.env }\n  worker: { image: "${image}:\${TAG}" }\n`,
			'web.env': 'TAG=1.2.0\n',
			'.env': 'TAG=1.2.0\n',
		}),
		kept: 'web.env .env',
	},
	'in the Compose file, on two lines': {
		files: (image) => ({ 'compose.yaml': two(`${image}:1.2.0`) }),
		kept: 'compose.yaml',
	},
	'in the Compose file, as a default': {
		files: (image) => ({ 'compose.yaml': two(`${image}:\${TAG:-1.2.0}`) }),
		kept: 'compose.yaml',
	},
};

describe.skipIf(withoutEngine)('a version that is kept', () => {
	const comesAndGoes = async (where: string, { openSite }: WithSite): Promise<void> => {
		const { files, args = [], kept } = places[where] ?? { files: () => ({}), kept: '' };
		const site = await openVersions(openSite, files, { args });
		const [newest, before] = [await idOf(site, '1.2.0'), await site.sh(`cat ${kept}`)];

		const run = await site.backout('run', 'rollback-image', '--yes', '--json');
		expect(run.code, run.text).toBe(0);
		expect(await versions(site)).toEqual({ web: '1.1.0', worker: '1.1.0' });
		// No image has the name of another version, and the owner's own command changes nothing.
		expect(await idOf(site, '1.2.0')).toBe(newest);
		await site.compose('up', '-d');
		expect(await versions(site)).toEqual({ web: '1.1.0', worker: '1.1.0' });

		const [, id = ''] = /"run":"([^"]+)"/.exec(run.text) ?? [];
		const undone = await site.backout('undo', id, '--yes');
		expect(undone.code, undone.text).toBe(0);
		expect(await site.sh(`cat ${kept}`)).toBe(before);
		expect(await versions(site)).toEqual({ web: '1.2.0', worker: '1.2.0' });
	};
	const title = '%s is changed there, and put back';
	const short = 'in .env, quoted, as a part of the tag, beside the same number of somebody else';
	test.for([short])(title, comesAndGoes);
	test.for(Object.keys(places).filter((where) => where !== short))(title, { tags: 'long' }, comesAndGoes);

	test('what the registry has beside it is a choice, too', async ({ openSite }) => {
		const registry = createServer((_, response) => {
			response.end(JSON.stringify({ tags: ['1.3.0', '1.2.0', '1.0.9', 'latest', '1.3.0-rc1'] }));
		});
		await new Promise<void>((listening) => registry.listen(0, '127.0.0.1', listening));
		try {
			const site = await openVersions(openSite, (name) => ({ 'compose.yaml': two(`${name}:1.2.0`) }));
			const image = `127.0.0.1:${(registry.address() as AddressInfo).port}/${site.token}/web`;
			await site.docker('tag', `${repository(site)}:1.2.0`, `${image}:1.2.0`);
			site.write({ 'compose.yaml': two(`${image}:1.2.0`) });
			await site.compose('up', '-d');
			const listed = await site.backout('inputs', 'rollback-image', '--json');
			const { choices } = (JSON.parse(listed.text) as { inputs: { choices: Choice[] }[] }).inputs[0] ?? { choices: [] };
			expect(choices.map(({ label, detail }) => [label, detail.replace(/^built .* ago.*, on/, 'on')])).toEqual([
				['1.2.0', 'on this host'],
				['1.3.0', 'in the registry, pulled before anything is changed'],
				['1.0.9', 'in the registry, pulled before anything is changed'],
			]);
		} finally {
			registry.closeAllConnections();
			registry.close();
		}
	});

	test('by its content is refused, with the way to change it', { tags: 'long' }, async ({ openSite }) => {
		const site = await openVersions(openSite, (image) => ({ 'compose.yaml': two(`${image}:1.2.0`) }));
		site.write({ 'compose.yaml': two(`${repository(site)}@sha256:${'0a'.repeat(32)}`) });
		const id = await idOf(site, '1.1.0');
		const refused = await site.backout('run', 'rollback-image', '--input', `image=${id}`, '--yes');
		expect(refused.code, refused.text).toBe(4);
		expect(refused.text).toMatch(
			/names the image by its content, .*@sha256:(0a)+: write the digest of another one there, and deploy, or roll back to a commit/,
		);
		expect(await versions(site)).toEqual({ web: '1.2.0', worker: '1.2.0' });
	});

	test('nowhere that can be changed is refused, and so is one that nobody has', { tags: 'long' }, async ({
		openSite,
	}) => {
		const site = await openVersions(openSite, (image) => ({
			'compose.yaml': `services:\n  web: { extends: { file: parts/web.yaml, service: web } }\n`,
			'parts/web.yaml': `services:\n  web: { image: "${image}:1.2.0", restart: always }\n`,
		}));
		const refused = await site.backout('run', 'rollback-image', '--input', 'image=1.0.0', '--yes');
		expect(refused.code, refused.text).toBe(4);
		expect(refused.text).toContain('is neither in an env file nor in a Compose file of');
		const unknown = await site.backout('plan', 'rollback-image', '--input', 'image=9.9.9');
		expect(unknown.text).toContain('is not on the host, and the registry does not give it');
		expect(await versions(site)).toEqual({ web: '1.2.0' });
	});
});
