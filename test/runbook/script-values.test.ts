import { describe, expect, it } from 'vitest';
import { composeShell } from '../../src/engines/compose/shell.ts';
import { functionsCalledBy, functionsIn, valuesIn } from '../../src/runbook/script-values.ts';
import { stepLibrary } from '../../src/services/runner/client/run-folder.ts';

describe('the values of a script', () => {
	it.each([
		['echo "$commit"', ['commit']],
		['echo "${commit}" "${port:-80}"', ['commit', 'port']],
		['echo $((port + 1))', ['port']],
		['echo commit port', []],
		['echo "$commits"', []],
	])('of %j', (script, names) => {
		const environment = { commit: 'a1', port: '80', unused: 'x' };
		expect(valuesIn(script, environment).map(([name]) => name)).toEqual(names);
	});
});

describe('the functions that a script calls', () => {
	const library = [
		'# Says it.\none() { two "$1"; }',
		'two() {\n\tif true; then {\n\t\techo x\n\t}; fi\n}',
		'three() (\n\tcd /\n)',
		'four() { echo; }',
	].join('\n\n');

	it('are found with what they call, in the order of the library', () => {
		const called = functionsCalledBy(['three\n', 'one "$commit"\n'], library);
		expect(called.map(({ name }) => name)).toEqual(['one', 'two', 'three']);
		expect(called[0]?.text).toBe('# Says it.\none() { two "$1"; }');
		expect(called[1]?.text).toMatch(/^two\(\) \{[\s\S]*\n\}$/);
	});

	it('are all there of the library that runs get', () => {
		const library = stepLibrary(composeShell);
		const names = [...library.matchAll(/^([a-z_]\w*)\(\)/gm)].map(([, name]) => name);
		expect(names.length).toBeGreaterThan(40);
		expect(functionsIn(library).map(({ name }) => name)).toEqual(names);
	});
});
