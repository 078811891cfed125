import { readFileSync } from 'node:fs';
import { must } from './exec.ts';

function osRelease(name: string): string {
	const value = new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
	if (!value) throw new Error(`/etc/os-release has no ${name}`);
	return value;
}

/** Returns the source of this machine's distribution packages. */
export async function mirror(): Promise<{ url: string; codename: string }> {
	const codename = osRelease('VERSION_CODENAME');
	const targets = await must('apt-get', ['indextargets', '--format', '$(REPO_URI)|$(CODENAME)|$(COMPONENT)']);
	for (const line of targets.split('\n')) {
		const [url, name, component] = line.split('|');
		if (url && name === codename && component === 'main') return { url, codename };
	}
	throw new Error(`apt knows no mirror for ${codename}`);
}
