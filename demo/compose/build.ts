import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Images } from '../docker/images.ts';
import { type Files, type Image, labels } from '../docker/types.ts';
import { composeVersion } from './create.ts';

/** The files of a build context that a Dockerfile can copy, by path. */
export type ReadContext = (path: string) => Files | undefined;

/** Returns a folder as a build context. */
export const folderContext =
	(folder: string): ReadContext =>
	(path) => {
		const at = join(folder, path);
		if (!existsSync(at)) {
			return undefined;
		}
		if (statSync(at).isFile()) {
			return new Map([[path.replace(/^\.\//, ''), readFileSync(at, 'utf8')]]);
		}
		const files = readdirSync(at, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
		return new Map(
			files.map((entry) => {
				const file = join(entry.parentPath, entry.name);
				return [relative(folder, file), readFileSync(file, 'utf8')];
			}),
		);
	};

/** Returns files in memory as a build context. */
export const filesContext =
	(files: Files): ReadContext =>
	(path) => {
		const bare = path.replace(/^\.\//, '').replace(/\/$/, '');
		const found = [...files].filter(([name]) => name === bare || name.startsWith(`${bare}/`));
		return found.length === 0 ? undefined : new Map(found);
	};

/**
 * Builds an image from a Dockerfile: FROM, COPY, and instructions without an effect on the simulation. RUN is not executed. The same
 * files give the same image again, as with Docker's build cache. Throws for a failed build.
 */
export const buildImage = (
	images: Images,
	read: ReadContext,
	{ project, service, name }: { readonly project: string; readonly service: string; readonly name: string },
	options: {
		readonly say?: (line: string) => void;
		readonly createdAt?: bigint;
		/** Its path in the context. */
		readonly dockerfile?: string;
	} = {},
): Image => {
	const { say = () => {} } = options;
	const { dockerfile: path = 'Dockerfile' } = options;
	const dockerfile = [...(read(path)?.values() ?? [])][0];
	if (dockerfile === undefined) {
		throw new Error(`failed to solve: failed to read dockerfile: open ${path}: no such file or directory`);
	}
	const lines = dockerfile
		.split('\n')
		.map((line) => line.trim())
		.filter((line) => line !== '' && !line.startsWith('#'));
	const files = new Map([[path, dockerfile]]);
	for (const [at, line] of lines.entries()) {
		say(`[${at + 1}/${lines.length}] ${line}`);
		const [word = '', ...given] = line.split(/\s+/);
		const rest = given.filter((one) => !one.startsWith('--'));
		if (word.toUpperCase() === 'COPY') {
			for (const source of rest.slice(0, -1)) {
				const copied = read(source);
				if (copied === undefined) {
					throw new Error(`failed to solve: failed to compute cache key: "/${source}": not found`);
				}
				for (const [path, text] of copied) {
					files.set(path, text);
				}
			}
		} else if (
			!['FROM', 'WORKDIR', 'ENV', 'RUN', 'CMD', 'ENTRYPOINT', 'EXPOSE', 'LABEL', 'USER', 'ARG'].includes(
				word.toUpperCase(),
			)
		) {
			throw new Error(`failed to solve: the demo's Docker does not simulate ${word} of a Dockerfile`);
		}
	}
	const { image, cached } = images.add({
		files,
		labels: { [labels.project]: project, [labels.service]: service, [labels.version]: composeVersion },
		bytes: 187_000_000,
		...(options.createdAt !== undefined && { createdAt: options.createdAt }),
	});
	say(`${cached ? 'CACHED, ' : ''}writing image ${image.id}`);
	images.tag(image, name);
	say(`naming to docker.io/library/${name}`);
	return image;
};
