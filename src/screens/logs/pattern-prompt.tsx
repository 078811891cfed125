import { useState } from 'react';
import { type Line, span } from '../../components/line.ts';
import { StaticBlock } from '../../components/live-block.tsx';
import type { Rect } from '../../components/panel.ts';
import { type LinePattern, readPattern } from '../../stores/line-pattern.ts';
import { FilterKeys } from '../filter-keys.tsx';

/** A prompt for a search or a filter; mistakes are shown while it is typed. */
export const PatternPrompt = ({
	rect,
	kind,
	before,
	onPattern,
	onCancel,
}: {
	readonly rect: Rect;
	readonly kind: 'search' | 'filter';
	/** The last pattern: the next one starts as the same kind. */
	readonly before: LinePattern | undefined;
	/** Called with the pattern; undefined when nothing was typed. */
	readonly onPattern: (pattern: LinePattern | undefined) => void;
	readonly onCancel: () => void;
}) => {
	const [text, setText] = useState('');
	const [regexp, setRegexp] = useState(before?.regexp ?? false);
	const [inverted, setInverted] = useState(false);
	const read = readPattern(text, { regexp, inverted });
	const wrong = read !== undefined && 'error' in read ? read.error : undefined;
	const isRegexp = read !== undefined && 'regexp' in read ? read.regexp : regexp;
	const isInverted = read !== undefined && 'inverted' in read ? read.inverted : inverted;
	const row: Line = [
		span(` ${kind === 'search' ? '/' : '&'}`, 'accent'),
		span(text, 'strong'),
		span('▏', 'accent'),
		...(wrong === undefined
			? [
					span(isRegexp ? '  regular expression' : '  plain text', 'muted'),
					...(isInverted ? [span(', lines without it', 'muted')] : []),
					span(kind === 'filter' ? '   Ctrl-R regular expression, ! without' : '   Ctrl-R regular expression', 'muted'),
				]
			: [span(`  ✗ no regular expression: ${wrong}`, 'bad')]),
	];
	const submit = () => {
		if (wrong === undefined) {
			onPattern(read as LinePattern | undefined);
		}
	};
	return (
		<>
			<StaticBlock rect={rect} rows={[row]} />
			<FilterKeys
				text={text}
				onText={setText}
				onEnd={submit}
				onCancel={onCancel}
				labels={{ enter: kind, esc: 'cancel' }}
				more={[
					{ keys: ['ctrl-r'], label: 'regular expression', run: () => setRegexp(!regexp) },
					{
						keys: ['ctrl-n'],
						label: 'lines without it',
						when: kind === 'filter',
						run: () => setInverted(!inverted),
					},
				]}
			/>
		</>
	);
};
