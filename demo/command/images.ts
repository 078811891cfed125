import type { Engine } from '../docker/engine.ts';
import { fitsImage, fitsReference } from '../docker/filters.ts';
import { withTag } from '../docker/images.ts';
import { ago, nowNanos, stampOf } from '../docker/stamp.ts';
import type { Image } from '../docker/types.ts';
import type { Command } from './command.ts';
import { parseFlags, toFilters } from './flags.ts';
import { listText } from './table.ts';

const short = (id: string): string => id.slice('sha256:'.length, 'sha256:'.length + 12);

/** A row for each name; one without a name for an image that has none. */
const rowsOf = (image: Image, whole: boolean, fits: (tag: string) => boolean) => {
	const tags = image.tags.size === 0 ? ['<none>:<none>'] : [...image.tags].filter(fits);
	return tags.map((tag) => {
		const at = tag.lastIndexOf(':');
		return {
			Repository: tag.slice(0, at),
			Tag: tag.slice(at + 1),
			ID: whole ? image.id : short(image.id),
			CreatedAt: `${stampOf(image.createdAt).slice(0, 19).replace('T', ' ')} +0000 UTC`,
			Digest: '<none>',
			Containers: 'N/A',
			Label: (name: unknown) => image.labels[String(name)] ?? '',
			CreatedSince: `${ago(Number((nowNanos() - image.createdAt) / 1_000_000n))} ago`,
			Size: `${Math.round(image.bytes / 1e6)}MB`,
		};
	});
};

/** The commands about images. */
export const imageCommands = (engine: Engine): Readonly<Record<string, Command>> => {
	const list: Command = async (args, io) => {
		const flags = parseFlags('docker image ls', args, {
			'a all': 'flag',
			'q quiet': 'flag',
			'no-trunc': 'flag',
			'f filter': 'list',
			format: 'value',
		});
		const filters = toFilters(flags.list('f'));
		const patterns = [...flags.rest, ...(filters.reference ?? [])];
		const fits = (tag: string) => patterns.length === 0 || patterns.some((pattern) => fitsReference(tag, pattern));
		const found = engine.images
			.all()
			.filter((image) => fitsImage(image, filters) && (patterns.length === 0 || [...image.tags].some(fits)));
		const rows = found.flatMap((image) => rowsOf(image, flags.has('no-trunc'), fits));
		io.out(
			flags.has('q')
				? [...new Set(rows.map(({ ID }) => `${ID}\n`))].join('')
				: listText(flags.value('format'), '{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}', rows),
		);
		return 0;
	};
	const tag: Command = async (args) => {
		const [source = '', name = ''] = parseFlags('docker tag', args, {}).rest;
		const image = engine.images.find(source);
		if (image === undefined) {
			throw new Error(`No such image: ${source}`);
		}
		engine.images.tag(image, name);
		return 0;
	};
	const remove: Command = async (args, io) => {
		const flags = parseFlags('docker image rm', args, { 'f force': 'flag', 'no-prune': 'flag' });
		let code = 0;
		for (const name of flags.rest) {
			const image = engine.images.find(name);
			const users = engine.containers().filter((container) => container.image === image);
			const runs = users.some(({ status }) => status === 'running' || status === 'restarting');
			const last = image !== undefined && (image.tags.size <= 1 || !image.tags.has(withTag(name)));
			if (image === undefined) {
				io.error(`Error response from daemon: No such image: ${name}\n`);
				code = 1;
			} else if (last && users[0] !== undefined && (!flags.has('f') || runs)) {
				const forced = flags.has('f') ? 'cannot be forced' : 'must force';
				io.error(
					`Error response from daemon: conflict: unable to remove repository reference "${name}" (${forced}) - container ${users[0].id.slice(0, 12)} is using its referenced image ${short(image.id)}\n`,
				);
				code = 1;
			} else {
				io.out(`${engine.images.untag(name, users.length > 0).join('\n')}\n`);
			}
		}
		return code;
	};
	const pull: Command = async (args) => {
		throw new Error(`the demo has no registry to pull ${args.at(-1) ?? ''} from`);
	};
	return {
		images: list,
		'image ls': list,
		'image list': list,
		tag,
		'image tag': tag,
		rmi: remove,
		'image rm': remove,
		pull,
	};
};
