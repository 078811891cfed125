import { Box } from 'ink';
import { useState } from 'react';
import { centred, Dialog, inside } from '../../components/dialog.tsx';
import { type Line, line, span, wrap } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { TextInput } from '../../components/text-input.tsx';
import type { PendingPrompt } from '../../stores/workspace.ts';

const titles: Readonly<Record<PendingPrompt['kind'], string>> = {
	passphrase: 'Passphrase of a key',
	password: 'Password',
	'keyboard-interactive': 'The host asks',
};

/**
 * Asks for what the connection needs: a passphrase, a password, or whatever the host asks. Typed text is not shown, and text typed
 * before the question was visible is not part of the answer.
 */
export const QuestionDialog = ({ area, question }: { readonly area: Rect; readonly question: PendingPrompt }) => {
	const [text, setText] = useState('');
	const width = Math.min(72, area.width);
	const asked = [
		// Each line is sanitised by itself: an unfinished sequence in one must not swallow the next.
		...question.prompt
			.replace(/:?\s*$/, ':')
			.split(/\r?\n/)
			.flatMap((text) => wrap(text, width - 4))
			.map((row) => line(row)),
		line(`for ${question.host}`, 'muted'),
	];
	// With little room the end of the question stays: that is the question itself.
	const shown = asked.slice(-Math.max(1, area.height - 6));
	const rows: Line[] = [
		...shown,
		[],
		[],
		[],
		[
			span('Enter ', 'accent'),
			span('answers   ', 'muted'),
			span('Esc ', 'accent'),
			span('does not answer: the next way in is tried', 'muted'),
		],
	];
	const rect = centred(area, width, rows.length + 2);
	const field = inside(rect);
	return (
		<>
			<Dialog rect={rect} title={titles[question.kind]} tone="warn" rows={rows} />
			<Box
				position="absolute"
				left={field.x}
				top={field.y + Math.min(shown.length + 1, field.height - 1)}
				width={field.width}
				height={1}
			>
				<TextInput
					value={text}
					onChange={setText}
					onSubmit={question.answer}
					onCancel={() => question.answer(undefined)}
					width={field.width}
					layer="dialog"
					guardMs={250}
					mask="•"
				/>
			</Box>
		</>
	);
};
