import type { Change } from './history.ts';
import type { LabInfo } from './types.ts';

/** Crashes at each start: a setting is read that no file has. */
export const crash: Change = {
	subject: 'Read a grace period for the runs',
	version: '',
	author: 'Tomas Reyes',
	hoursAgo: 0,
	edits: [
		{
			file: 'src/settings.py',
			from: '    for run in settings["schedule"]["run_times"]:\n',
			to: '    grace = int(settings["schedule"]["grace_minutes"])\n    for run in settings["schedule"]["run_times"]:\n        run["grace"] = grace\n',
		},
	],
};

/** Fixes nothing of it. */
export const afterCrash: Change = {
	subject: 'Round sizes to whole lots',
	version: '',
	author: 'Mara Lindqvist',
	hoursAgo: 0,
	edits: [{ file: 'src/sizing.py', from: 'return max(1, int(', to: 'return max(1, round(' }],
};

/** Starts, serves and sleeps; each run ends with an error in the scheduler's loop. */
export const crashInRun: Change = {
	subject: 'Size positions by target volatility',
	version: '',
	author: 'Tomas Reyes',
	hoursAgo: 0,
	edits: [
		{
			file: 'src/sizing.py',
			from: 'instrument["weight"]',
			to: 'instrument["weight"] * 0.1 / instrument["target_vol"]',
		},
	],
};

export const noBuild: Change = {
	subject: 'Install pinned requirements in the image',
	version: '',
	author: 'Tomas Reyes',
	hoursAgo: 0,
	edits: [
		{ file: 'Dockerfile', from: 'COPY requirements.txt .\n', to: 'COPY requirements.txt requirements.lock ./\n' },
	],
};

/** Only the service of the second Compose file crashes; the engine of the same commit is well. */
export const monitorCrash: Change = {
	subject: "Ask the other server's health with requests",
	version: '',
	author: 'Tomas Reyes',
	hoursAgo: 0,
	edits: [
		{
			file: 'scripts/cross_monitor.py',
			from: 'import urllib.request\n',
			to: 'import urllib.request\n\nimport requests\n',
		},
	],
};

/** The engine's metrics move to a port that another project of the host has; Loki gets a setting more. */
export const portTaken = (info: LabInfo): Change => ({
	subject: 'Publish the metrics on another port',
	version: '',
	author: 'Mara Lindqvist',
	hoursAgo: 0,
	edits: [
		{
			file: 'docker-compose.yml',
			from: `"127.0.0.1:${info.ports.metrics}:8000"`,
			to: `"127.0.0.1:${info.guestbook?.port ?? info.sshPort}:8000"`,
		},
		{
			file: 'docker-compose.yml',
			from: '    container_name: loki\n',
			to: '    container_name: loki\n    environment:\n      - LOKI_RETENTION=30d\n',
		},
	],
});

/** A release: its tag is on the second of two commits, and both crash. */
export const badRelease: Change[] = [crash, { ...afterCrash, version: 'v2.1.0' }];
