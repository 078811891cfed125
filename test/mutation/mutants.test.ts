import { expect, test } from 'vitest';
import { mutantsOf } from './mutants.ts';

const changes = (name: string, text: string) =>
	mutantsOf(name, text).map(({ line, before, after }) => [line, before, after]);

test('of TypeScript: comparisons, conditions, signs, and what is said to be so', () => {
	const text = '// a === b\nconst is = a === b && !c;\nconst size = one + two;\nreturn { gone: true };\n';
	expect(changes('a.ts', text)).toEqual([
		[2, 'const is = a === b && !c;', 'const is = a !== b && !c;'],
		[2, 'const is = a === b && !c;', 'const is = a === b || !c;'],
		[2, 'const is = a === b && !c;', 'const is = a === b && c;'],
		[3, 'const size = one + two;', 'const size = one - two;'],
		[4, 'return { gone: true };', 'return { gone: false };'],
	]);
});

test('of shell: comparisons, conditions, and what is asked of a file', () => {
	const text = '# a && b\n[ -s result ] || ! alive "$1"\n[ "$size" -lt 10 ] && exit\n';
	expect(changes('a.sh', text)).toEqual([
		[2, '[ -s result ] || ! alive "$1"', '[ -s result ] && ! alive "$1"'],
		[2, '[ -s result ] || ! alive "$1"', '[ ! -s result ] || ! alive "$1"'],
		[2, '[ -s result ] || ! alive "$1"', '[ -s result ] || alive "$1"'],
		[3, '[ "$size" -lt 10 ] && exit', '[ "$size" -ge 10 ] && exit'],
		[3, '[ "$size" -lt 10 ] && exit', '[ "$size" -lt 10 ] || exit'],
	]);
});

test('each is the whole file with one line changed', () => {
	const text = 'a || b\nc || d\n';
	expect(mutantsOf('a.sh', text).map((mutant) => mutant.text)).toEqual(['a && b\nc || d\n', 'a || b\nc && d\n']);
});
