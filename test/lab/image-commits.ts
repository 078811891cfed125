import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from './exec.ts';
import { hostEnv } from './layout.ts';
import type { LabInfo } from './types.ts';

/** Commits that images were found to be built from; an image does not change. */
const found = new Map<string, string>();

/**
 * The commits of the lab's history whose src/ and scripts/ are those in a container's image, byte for byte: no label is believed.
 * More than one where they differ only in what is not built in. Works with a container that does not run.
 */
export async function commitsOfImage(info: LabInfo, container: string, image: string): Promise<string[]> {
	const files = found.get(image) ?? (await filesIn(info, container));
	if (files === '') return [];
	found.set(image, files);
	const commits = [...info.goodCommits, ...info.badCommits].map(({ hash }) => hash);
	const matching: string[] = [];
	for (const hash of commits) {
		const args = ['ls-tree', '-r', '--format=%(objectname) %(path)', hash, 'src', 'scripts'];
		// The origin has them all; the clone may never have fetched one.
		const { stdout } = await exec('git', args, { cwd: info.origin, env: hostEnv(info) });
		if (sorted(stdout) === files) matching.push(hash);
	}
	return matching;
}

const script = `set -e
	docker cp "$1:/app/src" "$2/src" >/dev/null
	docker cp "$1:/app/scripts" "$2/scripts" >/dev/null
	cd "$2"
	find src scripts -type f ! -path '*/__pycache__/*' | while read -r file; do
		printf '%s %s\\n' "$(git hash-object --no-filters -- "$file")" "$file"
	done`;

async function filesIn(info: LabInfo, container: string): Promise<string> {
	const folder = mkdtempSync(join(tmpdir(), 'lab-image-'));
	try {
		const { code, stdout } = await exec('sh', ['-c', script, 'sh', container, folder], {
			env: hostEnv(info),
			timeout: 30_000,
		});
		return code === 0 ? sorted(stdout) : '';
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

const sorted = (lines: string): string => lines.trim().split('\n').sort().join('\n');
