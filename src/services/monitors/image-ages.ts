import type { Engine } from '../../engine/engine.ts';
import type { Instance } from '../../engine/instance.ts';

/** Docker's first release, ms since the epoch: no image is older. */
const dawn = Date.UTC(2013, 2, 20);

/** The creation times of instances' images; an image does not change. */
export interface ImageAges {
	/** ms since the epoch; undefined where it is not known. */
	createdAt(instance: Instance): number | undefined;
	/** Reads the images that are new here. Resolves to true when there were any. */
	read(instances: readonly Instance[], signal: AbortSignal): Promise<boolean>;
}

export const createImageAges = (engine: Pick<Engine, 'image'>): ImageAges => {
	const ages = new Map<string, number | undefined>();
	return {
		createdAt: ({ imageId }) => ages.get(imageId),
		read: async (instances, signal) => {
			const wanted = new Set(instances.map(({ imageId }) => imageId).filter((id) => id !== ''));
			for (const id of [...ages.keys()].filter((id) => !wanted.has(id))) {
				ages.delete(id);
			}
			const asked = [...wanted].filter((id) => !ages.has(id));
			await Promise.all(
				asked.map(async (id) => {
					// An image may be gone while its instance still runs. Reproducible builds date theirs 1970 or before.
					const createdAt = (await engine.image(id, signal))?.createdAt ?? 0;
					ages.set(id, createdAt > dawn ? createdAt : undefined);
				}),
			);
			return asked.length > 0;
		},
	};
};
