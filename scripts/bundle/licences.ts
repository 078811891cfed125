import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** Returns the licence text of each package in the bundle, as most of these require. */
export const licences = ({ inputs }: Metafile, root: string): string => {
	const names = Object.keys(inputs).map((file) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[0]);
	return [...new Set(names.filter((folder) => folder !== undefined))]
		.sort()
		.map((folder) => {
			const at = join(root, folder);
			const { name, version, license } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
			const file = readdirSync(at).find((one) => /^licen[cs]e/i.test(one));
			const text = file === undefined ? `Licence: ${license}` : readFileSync(join(at, file), 'utf8').trim();
			return `${name} ${version}\n\n${text}\n`;
		})
		.join(`\n${'-'.repeat(80)}\n\n`);
};
