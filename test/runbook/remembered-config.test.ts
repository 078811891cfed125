import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/services/files/files.ts';
import { rememberConfig, rememberedConfig } from '../../src/services/files/remembered-config.ts';

const runbook = (title: string) => `extends: abstractfinance\ntitle: ${title}\n`;
const config = 'targets:\n  here: { host: local, directory: /srv/x, runbook: ./mine.yaml }\n';

let folder: string;
let surroundings: { readonly cwd: string; readonly env: NodeJS.ProcessEnv };
const cached = () => join(folder, 'cache', 'backout', 'configs');

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'backout-remembered-'));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	writeFileSync(join(folder, 'mine.yaml'), runbook('One'));
	writeFileSync(join(folder, 'backout.yaml'), config);
	surroundings = { cwd: folder, env: { HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') } };
});

const remember = () => rememberConfig(readConfig(surroundings), surroundings, 'b1');

describe('a config that was read before', () => {
	test('is what reading it gives', async () => {
		expect(rememberedConfig(surroundings, 'b1')).toBeUndefined();
		await remember();
		expect(rememberedConfig(surroundings, 'b1')).toEqual(readConfig(surroundings).config);
	});

	test('is read anew when a runbook that it is made from has changed, or is gone', async () => {
		await remember();
		writeFileSync(join(folder, 'mine.yaml'), runbook('Two'));
		expect(rememberedConfig(surroundings, 'b1')).toBeUndefined();
		await remember();
		expect(rememberedConfig(surroundings, 'b1')?.targets[0]?.runbook.title).toBe('Two');
		rmSync(join(folder, 'mine.yaml'));
		expect(rememberedConfig(surroundings, 'b1')).toBeUndefined();
	});

	test('is not taken by another build, nor with another home folder', async () => {
		await remember();
		expect(rememberedConfig(surroundings, 'b2')).toBeUndefined();
		const other = { ...surroundings, env: { ...surroundings.env, HOME: '/elsewhere' } };
		expect(rememberedConfig(other, 'b1')).toBeUndefined();
	});

	test('is for its owner alone, and not taken from a file that others may write', async () => {
		await remember();
		const [name = ''] = readdirSync(cached());
		chmodSync(join(cached(), name), 0o666);
		expect(rememberedConfig(surroundings, 'b1')).toBeUndefined();
	});

	test('is not missed where nothing can be written, nor when it is damaged', async () => {
		await remember();
		const [name = ''] = readdirSync(cached());
		writeFileSync(join(cached(), name), '{"build":"b1","files":', { mode: 0o600 });
		expect(rememberedConfig(surroundings, 'b1')).toBeUndefined();
		writeFileSync(join(folder, 'file'), '');
		const nowhere = { ...surroundings, env: { HOME: folder, XDG_CACHE_HOME: join(folder, 'file') } };
		await rememberConfig(readConfig(nowhere), nowhere, 'b1');
		expect(rememberedConfig(nowhere, 'b1')).toBeUndefined();
	});

	test('makes place for newer ones', async () => {
		mkdirSync(cached(), { recursive: true, mode: 0o700 });
		for (let at = 0; at < 30; at++) {
			const file = join(cached(), `${at}.json`);
			writeFileSync(file, '{}');
			utimesSync(file, 1000 + at, 1000 + at);
		}
		await remember();
		expect(readdirSync(cached())).toHaveLength(20);
		expect(rememberedConfig(surroundings, 'b1')).toBeDefined();
	});
});
