import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importBase } from '../engine/harness/base-image.ts';
import { crashes, dockerfile, serves } from '../engine/harness/files.ts';
import { must } from '../lab/exec.ts';
import type { Node } from './node.ts';

/** The images of the tests: `app` in two good versions, and one that ends at once. */
export const image = (version: '1' | '2' | '3' | 'bad'): string => `backout-test/app:${version}`;

/** Makes the images on one node and loads them on the others: no registry is here. */
export const makeImages = async (nodes: readonly Node[], folder: string): Promise<void> => {
	const [first, ...others] = nodes;
	if (first === undefined) {
		return;
	}
	await importBase(first.env, folder);
	const versions = ['1', '2', '3', 'bad'] as const;
	const context = join(folder, 'image');
	await must('mkdir', ['-p', context]);
	for (const version of versions) {
		writeFileSync(join(context, 'Dockerfile'), dockerfile(version));
		writeFileSync(join(context, 'app.sh'), version === 'bad' ? crashes : serves);
		await must('docker', ['build', '-q', '-t', image(version), context], {
			env: { ...first.env, DOCKER_BUILDKIT: '0' },
		});
	}
	const saved = join(folder, 'images.tar');
	await first.docker('save', '-o', saved, ...versions.map(image));
	await Promise.all(others.map((node) => node.docker('load', '-q', '-i', saved)));
	rmSync(saved);
};
