import { readFileSync } from 'node:fs';
import type { OnLoadArgs, OnLoadResult, Plugin, PluginBuild } from 'esbuild';

/** A change that the build makes to a package, with the parts that have found nothing to change so far. */
export interface Patch {
	readonly plugin: Plugin;
	/** Returns the parts that matched in no build with the plugin, described for the person who has to fix them. */
	unmatched(): readonly string[];
}

export interface Parts {
	readonly onResolve: PluginBuild['onResolve'];
	readonly onLoad: PluginBuild['onLoad'];
	/** Names a part that has to match, before the build; returns the function that the part calls when it does. */
	expect(what: string): () => void;
}

/**
 * Makes a plugin from parts, each of which says what it expects to find. esbuild ignores a pattern that matches nothing, so after an
 * upgrade a patch would stop silently: `assertMatched` makes that an error.
 */
export const patch = (name: string, setup: (parts: Parts) => void): Patch => {
	const expected = new Map<string, boolean>();
	return {
		plugin: {
			name,
			setup: ({ onResolve, onLoad }) =>
				setup({
					onResolve,
					onLoad,
					expect: (what) => {
						// One patch is used in several builds; a match in one of them is enough.
						expected.set(what, expected.get(what) ?? false);
						return () => expected.set(what, true);
					},
				}),
		},
		unmatched: () => [...expected].filter(([, matched]) => !matched).map(([what]) => `${name}: ${what}`),
	};
};

/** Throws when a part of a patch matched nothing. Call it after all builds with the patches. */
export const assertMatched = (patches: readonly Patch[]): void => {
	const unmatched = patches.flatMap((one) => one.unmatched());
	if (unmatched.length > 0) {
		throw new Error(
			`a patch of a dependency no longer matches (docs/bundle.md says what each is for):\n${unmatched.map((what) => `  ${what}\n`).join('')}`,
		);
	}
};

/** An edit to one file of a package. `edit` receives its text; a missing expected text is an error of the build. */
export interface Edit {
	/** The end of the path, from the package's name on: `got/dist/source/core/index.js`. */
	readonly file: string;
	/** Text that proves that the file is still the one the patch was made for. */
	readonly expects: readonly string[];
	readonly edit: (text: string) => string;
	readonly loader?: OnLoadResult['loader'];
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Adds an edit to a patch. */
export const editFile = ({ onLoad, expect }: Parts, { file, expects, edit, loader }: Edit): void => {
	const matched = expect(`no file ${file} was loaded`);
	onLoad({ filter: new RegExp(`/${escaped(file)}$`) }, ({ path }: OnLoadArgs) => {
		const text = readFileSync(path, 'utf8');
		for (const part of expects) {
			if (!text.includes(part)) {
				throw new Error(`${file} does not contain ${JSON.stringify(part)} any more: see docs/bundle.md`);
			}
		}
		matched();
		return { contents: edit(text), ...(loader && { loader }) };
	});
};
