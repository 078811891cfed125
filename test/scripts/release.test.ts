import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { objectionTo, released } from '../../scripts/release-text.ts';

test.each([
	['0.2.0', '0.1.9', undefined],
	['0.1.0', '0.1.0', undefined],
	['1.0.0', '0.99.99', undefined],
	['0.1.10', '0.1.9', undefined],
	['0.1.8', '0.1.9', '0.1.8 is older than 0.1.9'],
	['0.9.9', '1.0.0', '0.9.9 is older than 1.0.0'],
	['1.0', '0.1.0', '"1.0" is not a version like 1.2.3'],
	['v1.0.0', '0.1.0', '"v1.0.0" is not a version like 1.2.3'],
])('%s after %s', (next, current, objection) => {
	expect(objectionTo(next, current)).toBe(objection);
});

describe('the changelog', () => {
	const first = '# Changelog\n\n## Unreleased\n\n### Added\n\n- One.\n';
	test('gets a dated section under a new, empty one', () => {
		const { changelog, notes } = released(first, '0.2.0', '2026-11-28');
		expect(changelog).toBe('# Changelog\n\n## Unreleased\n\n## 0.2.0, 2026-11-28\n\n### Added\n\n- One.\n');
		expect(notes).toBe('### Added\n\n- One.');
	});

	test('keeps what was released before, and gives only what is new as notes', () => {
		const { changelog } = released(first, '0.2.0', '2026-11-28');
		const second = released(changelog.replace('## Unreleased\n', '## Unreleased\n\n- Two.\n'), '0.3.0', '2026-12-24');
		expect(second.changelog).toBe(
			'# Changelog\n\n## Unreleased\n\n## 0.3.0, 2026-12-24\n\n- Two.\n\n## 0.2.0, 2026-11-28\n\n### Added\n\n- One.\n',
		);
		expect(second.notes).toBe('- Two.');
	});

	test('with nothing to say stops the release', () => {
		expect(() => released('# Changelog\n\n## Unreleased\n\n### Added\n', '0.2.0', '')).toThrow('says nothing');
		expect(() => released('# Changelog\n', '0.2.0', '')).toThrow('no section');
	});
});

const root = join(import.meta.dirname, '..', '..');
const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
	cwd: root,
	encoding: 'utf8',
});

describe.skipIf(listed.status !== 0)('in a repository with these files', () => {
	let clone: string;
	const git = (...args: readonly string[]) =>
		execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
			cwd: clone,
			encoding: 'utf8',
		}).trim();
	const release = (...args: readonly string[]) =>
		spawnSync('npm', ['run', '--silent', 'release', '--', ...args], {
			cwd: clone,
			encoding: 'utf8',
			env: {
				...process.env,
				PATH: `${join(clone, 'node_modules', '.bin')}:${process.env.PATH}`,
				GIT_AUTHOR_NAME: 'a',
				GIT_AUTHOR_EMAIL: 'a@b',
				GIT_COMMITTER_NAME: 'a',
				GIT_COMMITTER_EMAIL: 'a@b',
			},
		});

	beforeAll(() => {
		clone = mkdtempSync(join(tmpdir(), 'backout-release-'));
		for (const file of listed.stdout.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
			mkdirSync(dirname(join(clone, file)), { recursive: true });
			cpSync(join(root, file), join(clone, file));
		}
		// Links where both are on one file system.
		const copy = 'cp -al "$1" "$2" 2>/dev/null || cp -a "$1" "$2"';
		execFileSync('sh', ['-c', copy, 'sh', join(root, 'node_modules'), clone]);
		git('init', '--quiet');
		git('add', '--all');
		git('commit', '--quiet', '--message', 'All of it');
	});
	afterAll(() => rmSync(clone, { recursive: true, force: true }));

	test('a tree with changes is refused, and so is a version that is no news', () => {
		writeFileSync(join(clone, 'new'), '');
		expect(release('9.8.7')).toMatchObject({ status: 1, stderr: expect.stringContaining('not committed') });
		rmSync(join(clone, 'new'));
		expect(release('0.0.1')).toMatchObject({ status: 1, stderr: expect.stringContaining('older') });
		expect(release()).toMatchObject({ status: 1, stderr: expect.stringContaining('which version') });
		expect(git('status', '--porcelain')).toBe('');
	});

	test('one command makes the package, the dated changelog, the commit and the tag', { tags: 'long' }, () => {
		const { status, stdout, stderr } = release('9.8.7');
		expect(status, stdout + stderr).toBe(0);
		const text = (name: string) => readFileSync(join(clone, name), 'utf8');
		expect(JSON.parse(text('package.json')).version).toBe('9.8.7');
		expect(JSON.parse(text('package-lock.json')).version).toBe('9.8.7');
		expect(text('CHANGELOG.md')).toMatch(/\n## Unreleased\n\n## 9\.8\.7, \d{4}-\d\d-\d\d\n\n### /);
		expect(text('README.md')).toContain('backout-9.8.7.tgz');
		expect(text('man/backout.1')).toContain('9.8.7');
		expect(git('status', '--porcelain')).toBe('');
		expect(git('log', '-1', '--format=%s')).toBe('Release 9.8.7');
		expect(git('log', '-1', '--format=%b')).toContain('### Added');
		expect(git('tag', '--points-at', 'HEAD')).toBe('v9.8.7');
		const packed = execFileSync('tar', ['-xzOf', join(clone, 'backout-9.8.7.tgz'), 'package/package.json'], {
			encoding: 'utf8',
		});
		expect(JSON.parse(packed).version).toBe('9.8.7');
		expect(release('9.8.7')).toMatchObject({ status: 1, stderr: expect.stringContaining('tag v9.8.7') });
	});
});
