import { parseFlags } from '../command/flags.ts';
import { type Asked, chosen, pause, type Subcommand } from './asked.ts';
import { buildImage, folderContext } from './build.ts';
import { imageNameOf } from './project.ts';
import type { Service } from './service.ts';
import { inOrder } from './up.ts';

/** Builds the services that have a build, one after the other. */
export const buildServices = async (
	{ engine, project, io }: Asked,
	services: readonly Service[],
	quiet: boolean,
): Promise<void> => {
	for (const service of services) {
		if (service.build !== undefined) {
			const names = { project: project.name, service: service.name, name: imageNameOf(project, service) };
			const say = (line: string) => quiet || io.error(`#${service.name} ${line}\n`);
			buildImage(engine.images, folderContext(service.build), names, { say, dockerfile: service.dockerfile });
			// A build takes some time.
			await pause(400);
		}
	}
};

const build: Subcommand = async (asked) => {
	const flags = parseFlags('docker compose build', asked.args, {
		'q quiet': 'flag',
		'no-cache': 'flag',
		pull: 'flag',
		progress: 'value',
		'build-arg': 'list',
	});
	await buildServices(asked, inOrder(asked.project, flags.rest, false), flags.has('q'));
	return 0;
};

const pull: Subcommand = async ({ project, args, io }) => {
	const flags = parseFlags('docker compose pull', args, {
		'q quiet': 'flag',
		'ignore-buildable': 'flag',
		'ignore-pull-failures': 'flag',
		'include-deps': 'flag',
		policy: 'value',
	});
	for (const service of inOrder(project, flags.rest, false)) {
		io.error(` ${service.name} ${service.build === undefined ? 'Pulled' : 'Skipped - No image to be pulled'}\n`);
	}
	return 0;
};

const images: Subcommand = async (asked) => {
	const flags = parseFlags('docker compose images', asked.args, { 'q quiet': 'flag' });
	asked.io.out(
		chosen(asked, flags)
			.map(({ image }) => `${image.id}\n`)
			.join(''),
	);
	return 0;
};

/** The subcommands of `docker compose` about images. */
export const imageSubcommands: Readonly<Record<string, Subcommand>> = { build, pull, images };
