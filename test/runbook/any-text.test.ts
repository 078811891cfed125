import fc from 'fast-check';

import { expect, test } from 'vitest';
import { ConfigError } from '../../src/runbook/config-error.ts';
import { kindOfFile, loadConfig } from '../../src/services/runbook-file/load-config.ts';
import { loadRunbook, type ReadRunbook } from '../../src/services/runbook-file/load-runbook.ts';
import { runs } from '../fuzz/runs.ts';

// Words of the two formats, so that a good part of what comes gets past the first mistake.
const word = fc.constantFrom(
	...'targets default host directory runbook variables project extends title monitors health metrics checks kind http log-state url'.split(
		' ',
	),
	...'verification settle scripts inputs procedures steps preconditions previews wait until for run script id risk read-only'.split(
		' ',
	),
	...[
		'disabled',
		'order',
		'suggestions',
		'when',
		'failed',
		'/srv/a',
		'${a}',
		'${',
		'$${',
		'__proto__',
		'constructor',
		'30s',
		'(',
		'true',
		'~',
	],
	...[
		'- ',
		': ',
		'\n',
		'\n  ',
		'\n    ',
		'{',
		'}',
		'[',
		']',
		', ',
		'&a ',
		'*a',
		'<<',
		'!!set ',
		'!!binary ',
		'|\n',
		'"',
		"'",
		'#',
		'%YAML 1.1\n---\n',
		'\0',
		'\ufeff',
		'? ',
	],
);
const pieces = fc.array(word, { maxLength: 60 }).map((parts) => parts.join(''));
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 5 },
		word,
		fc.constantFrom(0, 1.5, true, false, null),
		fc.array(tie('value'), { maxLength: 3 }),
		fc.dictionary(word, tie('value'), { maxKeys: 5 }),
	),
})).value;
const anyText = fc.oneof(
	fc.string({ unit: 'binary' }),
	pieces,
	value.map((any) => JSON.stringify(any)),
);

const placed = /^[^\n]*?:\d+:\d+: /;

const onlyConfigErrors = (load: () => unknown): void => {
	try {
		load();
	} catch (error) {
		expect(error).toBeInstanceOf(ConfigError);
		const { problems, message } = error as ConfigError;
		expect(problems.length).toBeGreaterThan(0);
		expect(message).toMatch(placed);
	}
};

test('whatever a file holds, loading it gives a result or an error that says where', () => {
	fc.assert(
		fc.property(anyText, anyText, (text, other) => {
			const readRunbook: ReadRunbook = (name, from) => ({ text: other, file: `${from}/${name}` });
			onlyConfigErrors(() => loadRunbook(text, 'r.yaml', { readRunbook }));
			onlyConfigErrors(() => loadConfig(text, 'c.yaml', { readRunbook }));
			kindOfFile(text, 'f.yaml');
			// Also in its most likely use: as a runbook of a valid config.
			onlyConfigErrors(() =>
				loadConfig('targets: { a: { host: h, directory: /d } }', 'c.yaml', {
					readRunbook: () => ({ text, file: 'r.yaml' }),
				}),
			);
		}),
		// A name with a line break was seen to move the place to another line.
		{ ...runs(400), examples: [['{"extends":"\\n"}', '']] },
	);
});
