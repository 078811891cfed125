import { createHash } from 'node:crypto';
import { nowNanos } from './stamp.ts';
import type { Files, Image } from './types.ts';

/** Returns a name with its tag, by default `latest`. */
export const withTag = (name: string): string => (/:[^/]*$/.test(name) ? name : `${name}:latest`);

/** The images of the simulated engine. */
export interface Images {
	all(): readonly Image[];
	/** Finds one by its id, by the beginning of its id, or by its name. */
	find(reference: string): Image | undefined;
	/** Adds an image with these contents, or returns the existing one with them: the build cache. */
	add(image: {
		readonly files: Files;
		readonly labels: Readonly<Record<string, string>>;
		readonly bytes: number;
		readonly createdAt?: bigint;
	}): { readonly image: Image; readonly cached: boolean };
	/** Gives a name to an image; it is taken from the one that had it. */
	tag(image: Image, name: string): void;
	/** Removes a name, and the image with its last one, unless a container uses it. Returns Docker's messages. */
	untag(name: string, used?: boolean): readonly string[];
}

export const createImages = (): Images => {
	const images = new Map<string, Image>();
	const find = (reference: string): Image | undefined => {
		const hex = reference.replace(/^sha256:/, '');
		const byName = [...images.values()].find(({ tags }) => tags.has(withTag(reference)));
		return (
			byName ??
			(/^[0-9a-f]{4,64}$/.test(hex) ? [...images.values()].find(({ id }) => id.startsWith(`sha256:${hex}`)) : undefined)
		);
	};
	return {
		all: () => [...images.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
		find,
		add: ({ files, labels, bytes, createdAt = nowNanos() }) => {
			const contents = JSON.stringify([[...files].sort(), Object.entries(labels).sort()]);
			const id = `sha256:${createHash('sha256').update(contents).digest('hex')}`;
			const before = images.get(id);
			if (before !== undefined) {
				return { image: before, cached: true };
			}
			const image: Image = { id, createdAt, labels, files, bytes, tags: new Set() };
			images.set(id, image);
			return { image, cached: false };
		},
		tag: (image, name) => {
			const full = withTag(name);
			for (const other of images.values()) {
				other.tags.delete(full);
			}
			image.tags.add(full);
		},
		untag: (name, used = false) => {
			const image = find(name);
			if (image === undefined) {
				throw new Error(`No such image: ${name}`);
			}
			const full = withTag(name);
			const said: string[] = [];
			if (image.tags.delete(full)) {
				said.push(`Untagged: ${full}`);
			}
			if (image.tags.size === 0 && !used) {
				images.delete(image.id);
				said.push(`Deleted: ${image.id}`);
			}
			return said;
		},
	};
};
