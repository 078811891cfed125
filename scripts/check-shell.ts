import { execFileSync, spawnSync } from 'node:child_process';

// Reads every .sh file of src with shellcheck, by .shellcheckrc; without shellcheck it says so and passes.
const files = execFileSync('git', ['ls-files', '-z', 'src/*.sh'], { encoding: 'utf8' }).split('\0').filter(Boolean);
const { status, error } = spawnSync('shellcheck', ['--severity=warning', ...files], { stdio: 'inherit' });
if (error === undefined) {
	process.exitCode = status ?? 1;
} else {
	console.warn('shellcheck is not installed: the shell in src was not looked at');
}
