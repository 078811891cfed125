import { beforeAll, expect, test } from 'vitest';
import { breakLab, ensureLab, healLab, hostExec, judge, labAvailable } from './index.ts';

const available = await labAvailable();
if (!available.ok) {
	if (process.env.BACKOUT_LAB === 'required') throw new Error(`the lab is required: ${available.reason}`);
	console.warn(`lab: skipped, ${available.reason}`);
}

beforeAll(async () => {
	if (available.ok) await ensureLab();
}, 300_000);

test.skipIf(!available.ok)('a bad commit is told from a good one, and healed', { tags: 'long' }, async () => {
	expect(await judge()).toMatchObject({ ok: true });

	const info = await breakLab('crash-commit');
	const broken = await judge();
	expect(broken.ok).toBe(false);
	const wrong = broken.findings.filter((finding) => !finding.ok).map((finding) => finding.name);
	expect(wrong).toContain('commit');
	expect(wrong).toContain('trading-engine');
	expect((await hostExec('git rev-parse HEAD')).stdout.trim()).toBe(info.badCommit);
	expect((await hostExec('docker logs trading-engine 2>&1')).stdout).toContain("KeyError: 'grace_minutes'");

	await healLab();
	expect(await judge()).toMatchObject({ ok: true });
	expect((await hostExec('git rev-parse HEAD')).stdout.trim()).toBe(info.goodCommit);
});
