import { setTimeout as delay } from 'node:timers/promises';
import { exec } from './exec.ts';
import { layout, loadInfo } from './layout.ts';

/**
 * The other server's cross-monitor, as a program of its own: `node watchdog.ts DIR`. Every minute it asks for /health; after
 * three failures it restarts the engine and the gateway over SSH as root, and waits. Times are divided by LAB_SPEED, as in the
 * images. It never reboots.
 */
const speed = Number(process.env.LAB_SPEED || '30');
const seconds = (count: number) => delay((count * 1000) / speed);

const info = loadInfo(process.argv[2] ?? '');
if (!info) throw new Error('there is no lab in that folder');
const say = (line: string) => process.stdout.write(`[${new Date().toISOString()}] ${line}\n`);
const command = `cd ${info.directory} && docker compose restart trading-engine ibgateway`;

const fails = async (): Promise<string | null> => {
	try {
		const url = `http://127.0.0.1:${info.ports.health}/health`;
		const { status } = await fetch(url, { signal: AbortSignal.timeout(10_000 / 5) });
		return status === 200 ? null : `HTTP ${status}`;
	} catch (error) {
		return `Connection failed: ${error instanceof Error ? error.message : String(error)}`;
	}
};

say(`watching ${layout(info.dir).directory}`);
for (let failures = 0; ; await seconds(60)) {
	const wrong = await fails();
	failures = wrong === null ? 0 : failures + 1;
	say(wrong === null ? 'OK' : `FAIL #${failures} (${wrong})`);
	if (failures < 3) continue;
	say(`${failures} failures - RESTARTING CONTAINERS`);
	const { code, stderr } = await exec('ssh', ['-F', info.sshConfig, 'lab', command], { timeout: 120_000 });
	say(code === 0 ? '[RESTART] Containers restarted successfully' : `[RESTART] Failed to restart containers: ${stderr}`);
	failures = 0;
	await seconds(300);
}
