import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { Layout } from './layout.ts';
import type { LabInfo } from './types.ts';

/** Writes the host's crontab: the backup, the gateway's watchdog and its weekly restart. No cron needs to run. */
export function writeCron(at: Layout, info: LabInfo): void {
	if (!existsSync('/etc/cron.d')) return;
	const script = (name: string) => `${info.directory}/scripts/${name}`;
	writeFileSync(
		at.cron,
		`# AbstractFinance
PATH=${info.path}
DOCKER_HOST=unix://${info.dockerSocket}
0 3 * * * root ${script('backup_postgres.sh')} >> /var/log/abstractfinance-backup.log 2>&1
*/15 * * * * root ${script('gateway_watchdog.sh')}
0 22 * * 0 root ${script('restart_gateway.sh')}
`,
		{ mode: 0o644 },
	);
}

/** Takes the crontab away. */
export function removeCron(at: Layout): void {
	rmSync(at.cron, { force: true });
}
