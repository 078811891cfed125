// npm run release -- VERSION: checks, sets the version, dates the changelog, builds, packs, commits and tags. It publishes nothing.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectionTo, released } from './release-text.ts';

const root = join(import.meta.dirname, '..');
const fileOf = (name: string): string => join(root, name);

const call = (program: string, ...args: readonly string[]): string =>
	execFileSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const show = (program: string, ...args: readonly string[]): void => {
	process.stdout.write(`\n$ ${program} ${args.join(' ')}\n`);
	execFileSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
};

const fail = (message: string): never => {
	process.stderr.write(`release: ${message}\n`);
	process.exit(1);
};

const [next = '', ...more] = process.argv.slice(2);
const { version: current } = JSON.parse(readFileSync(fileOf('package.json'), 'utf8')) as { readonly version: string };
if (next === '' || more.length > 0) {
	fail(`which version? The current one is ${current}: npm run release -- VERSION`);
}
const objection = objectionTo(next, current);
if (objection !== undefined) {
	fail(objection);
}
if (call('git', 'status', '--porcelain') !== '') {
	fail('there are changes that are not committed: commit or stash them first');
}
const tag = `v${next}`;
if (call('git', 'tag', '--list', tag) !== '') {
	fail(`there is a tag ${tag} already`);
}

const datedChangelog = (): ReturnType<typeof released> => {
	try {
		return released(readFileSync(fileOf('CHANGELOG.md'), 'utf8'), next, new Date().toISOString().slice(0, 10));
	} catch (error) {
		return fail((error as Error).message);
	}
};
const { changelog, notes } = datedChangelog();

try {
	show('npm', 'run', 'check');
	call('npm', 'version', next, '--no-git-tag-version', '--allow-same-version');
	writeFileSync(fileOf('CHANGELOG.md'), changelog);
	// It names the file that `npm pack` makes.
	const readme = readFileSync(fileOf('README.md'), 'utf8');
	writeFileSync(fileOf('README.md'), readme.replaceAll(`backout-${current}.tgz`, `backout-${next}.tgz`));
	// Its first line has the version.
	show('npm', 'run', 'man');
	show('npm', 'pack');
	show('git', 'commit', '--quiet', '--all', '--message', `Release ${next}`, '--message', notes);
	show('git', 'tag', '--annotate', tag, '--message', `backout ${next}`);
} catch (error) {
	// The tree was clean, so this restores it.
	call('git', 'checkout', '--quiet', '--', '.');
	fail(`nothing was released, and every file is as it was: ${(error as Error).message}`);
}
process.stdout.write(
	`\nbackout ${next} is committed, tagged ${tag} and packed in backout-${next}.tgz. Try it, then publish:\n` +
		`  npx --package ./backout-${next}.tgz backout demo\n  git push --follow-tags\n  npm publish ./backout-${next}.tgz\n`,
);
