import { expect, test } from 'vitest';
import { nearest } from '../../src/runbook/did-you-mean.ts';
import { parseDuration } from '../../src/runbook/duration.ts';
import { defaultProject } from '../../src/runbook/reserved-names.ts';

test.each([
	['500ms', 500],
	['30s', 30_000],
	['1.5m', 90_000],
	['1h30m', 5_400_000],
	['26h', 93_600_000],
	['7d', 604_800_000],
	['0s', 0],
	['30', undefined],
	['', undefined],
	['s', undefined],
	['-1s', undefined],
	['1 s', undefined],
	['99999999999999d', undefined],
])('the duration %j is %s ms', (text, ms) => {
	expect(parseDuration(text)).toBe(ms);
});

// Like NormalizeProjectName of compose-go.
test.each([
	['/srv/abstractfinance', 'abstractfinance'],
	['/srv/My.Shop/', 'myshop'],
	['/srv/_-a_b-c', 'a_b-c'],
	['/srv/été', 't'],
	['/', ''],
])('the project of %s is %j', (directory, project) => {
	expect(defaultProject(directory)).toBe(project);
});

test.each([
	['helth', 'health'],
	['hots', 'host'],
	['HEALTH', 'health'],
	['zzzz', undefined],
	['', undefined],
])('%j was most likely meant as %j', (word, meant) => {
	expect(nearest(word, ['health', 'host', 'directory'])).toBe(meant);
});
