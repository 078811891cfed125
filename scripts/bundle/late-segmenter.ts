import { join } from 'node:path';
import { editFile, patch } from './patch.ts';

const made = {
	'wrap-ansi/index.js': 'new Intl.Segmenter();',
	'slice-ansi/tokenize-ansi.js': "new Intl.Segmenter(undefined, {granularity: 'grapheme'});",
	'@alcalzone/ansi-tokenize/build/tokenize.js': 'new Intl.Segmenter(undefined, { granularity: "grapheme" });',
	'ink/build/line-update.js': "new Intl.Segmenter(undefined, { granularity: 'grapheme' });",
};

const own = join(import.meta.dirname, '..', '..', 'src', 'terminal', 'graphemes.ts');

/**
 * Gives Ink our own division of text into characters. Each of these files makes an Intl.Segmenter when it is loaded, a third of the time
 * of an empty Node program for the first, and ansi-tokenize sends every row through it, with its colours.
 */
export const lateSegmenter = () =>
	patch('late-segmenter', (parts) => {
		for (const [file, segmenter] of Object.entries(made)) {
			editFile(parts, {
				file,
				expects: [segmenter],
				edit: (text) => `import { graphemes } from ${JSON.stringify(own)};\n${text.replace(segmenter, 'graphemes;')}`,
			});
		}
	});
