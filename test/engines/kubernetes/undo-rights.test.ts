import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Host, openHost } from '../../kubernetes/harness/shell.ts';

let host: Host;
beforeEach(() => {
	host = openHost('shop', { PATH: process.env.PATH });
});
afterEach(() => host.remove());

/** What a precondition of an undo says to a login that may do anything but this. */
const looked = async (settings: string, forbidden: string) => {
	const from_dir = join(host.state, 'then');
	mkdirSync(join(from_dir, 'kubernetes'), { recursive: true });
	writeFileSync(join(from_dir, 'kubernetes/settings'), settings);
	const played = `cluster() { case "$3 $4" in ${forbidden}) echo no ;; *) echo yes ;; esac; }`;
	return host.run(`${played}\nlook_rights`, { from_dir });
};

const isRefused = (what: string) => ({
	code: 1,
	text: `the user of kubectl may not ${what} in the namespace shop`,
});

test('an undo is refused to a login that may not do what it does, before anything is changed', async () => {
	const patch = await looked('', "'patch deployments.apps'");
	expect(patch).toEqual(isRefused('patch deployments.apps'));
	const autoscalers = await looked('', "'list horizontalpodautoscalers.autoscaling'");
	expect(autoscalers).toEqual(isRefused('list horizontalpodautoscalers.autoscaling'));
});

test('an undo asks for the rights to those settings alone that it would put back', async () => {
	const settings = 'configmap\tmode\tsum\nsecret\tpassword\t-\n';
	expect(await looked(settings, "'patch configmaps'")).toEqual(isRefused('patch configmaps'));
	expect(await looked(settings, "'patch secrets' | 'get secrets'")).toEqual({
		code: 0,
		text: 'workloads and what they name may be changed',
	});
	expect(await looked('', "*' configmaps' | *' secrets'")).toEqual({ code: 0, text: 'workloads may be changed' });
});
