import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const git = (...args: readonly string[]) => execFileSync('git', args, { encoding: 'utf8' }).split('\n').filter(Boolean);

/** All files of the repository, also new ones that git does not ignore. */
const files = new Set(git('ls-files', '--cached', '--others', '--exclude-standard').filter((file) => existsSync(file)));
const folders = new Set(
	[...files].flatMap((file) => file.split('/').map((_, n, parts) => parts.slice(0, n).join('/'))),
);
const names = new Set([...files].map((file) => basename(file)));
const exists = (path: string) => files.has(path) || folders.has(path.replace(/\/$/, ''));

const text = (page: string) => readFileSync(page, 'utf8');
const withoutFences = (page: string) => text(page).replace(/^```[\s\S]*?^```/gm, '');
const pages = [...files].filter((file) => /^([A-Z]+\.md|docs\/.*\.md|test\/.*\.md|\.github\/.*\.md)$/.test(file));

/** Files that a page names although they need not be here: those that the newcomer's exercise adds, and those of a run on the host. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
	'CONTRIBUTING.md': [
		'src/services/checks/restarts.ts',
		'src/runbook/step-kinds/pause.ts',
		'src/services/monitors/uptime.ts',
		'src/screens/dashboard/uptime-rows.ts',
	],
	'docs/architecture.md': ['restore/undo/NN-name.sh'],
};

/** The words in code of a page that look like a source file: a name with such an ending, perhaps after folders. */
const named = (page: string): readonly string[] =>
	[...withoutFences(page).matchAll(/`([\w./-]+\.(?:ts|tsx|sh|pml))`/g)].map(([, path = '']) => path);

/** True if a page may name a file so: from the root, from `src`, from the page's folder, or by its name alone. */
const isThere = (page: string, path: string): boolean =>
	exists(path) ||
	exists(join('src', path)) ||
	exists(normalize(join(dirname(page), path))) ||
	(path.includes('/') ? [...files].some((file) => file.endsWith(`/${path}`)) : names.has(path));

test.each(pages)('%s names only source files that exist', (page) => {
	const missing = named(page).filter((path) => !isThere(page, path));
	expect(missing).toEqual(missing.filter((path) => elsewhere[page]?.includes(path)));
});

/** Returns the anchors of a page's headings, as GitHub makes them. */
const anchors = (page: string): readonly string[] =>
	[...withoutFences(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
		heading
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\s_-]/gu, '')
			.trim()
			.replaceAll(' ', '-'),
	);

test.each(pages)('%s links only to files and headings that exist', (page) => {
	const links = [...withoutFences(page).matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/g)];
	const broken = links.filter(([, path = '', anchor]) => {
		const file = path === '' ? page : normalize(join(dirname(page), path));
		return !exists(file) || (anchor !== undefined && file.endsWith('.md') && !anchors(file).includes(anchor));
	});
	expect(broken.map(([link]) => link)).toEqual([]);
});

/** Returns the paths of the map of docs/architecture.md: an entry is below the last one that is less indented. */
const mapped = (): readonly string[] => {
	const map = /## The layers\n\n```\n([\s\S]*?)\n```/.exec(text('docs/architecture.md'))?.[1] ?? '';
	const above: { readonly indent: number; readonly path: string }[] = [];
	return map.split('\n').flatMap((line) => {
		const [, space = '', entry] = /^( *)(\S+(?: {2}\S+\/)?)(?: {2,}\S.*)?$/.exec(line) ?? [];
		// A line that only continues a description is far to the right.
		if (entry === undefined || space.length > 8) {
			return [];
		}
		while ((above.at(-1)?.indent ?? -1) >= space.length) {
			above.pop();
		}
		const paths = entry.split(/ +/).map((name) => join(above.at(-1)?.path ?? '', name));
		above.push({ indent: space.length, path: paths[0] ?? '' });
		return paths;
	});
};

test('the map of the architecture has every folder of its first levels, and nothing else', () => {
	const paths = mapped();
	expect(paths.filter((path) => !exists(path))).toEqual([]);
	const inMap = new Set(paths.map((path) => path.replace(/\/$/, '')));
	const wanted = [...folders].filter((folder) =>
		/^src\/[^/]+$|^src\/(services|application|engines)\/[^/]+$/.test(folder),
	);
	expect(wanted.filter((folder) => !inMap.has(folder))).toEqual([]);
});

test('docs/architecture.md names only types and functions that the source has', () => {
	const source = [...files]
		.filter((file) => /^src\/.*\.(ts|tsx|sh)$|^biome\.json$/.test(file))
		.map(text)
		.join('\n');
	const words = new Set(source.match(/\w+/g));
	const named = [...withoutFences('docs/architecture.md').matchAll(/`([A-Za-z]+)`/g)]
		.map(([, word = '']) => word)
		.filter((word) => /[a-z][A-Z]/.test(word) || /^[A-Z][a-z]/.test(word));
	expect(named.length).toBeGreaterThan(10);
	expect(named.filter((word) => !words.has(word))).toEqual([]);
});
