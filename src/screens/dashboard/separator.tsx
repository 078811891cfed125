import { memo } from 'react';
import { line } from '../../components/line.ts';
import { StaticBlock } from '../../components/live-block.tsx';
import type { Separator } from './layout.ts';

/** The rule between two columns, with the joints where titles meet it. */
export const SeparatorRule = memo(({ separator: { rect, left, right } }: { readonly separator: Separator }) => {
	const rows = Array.from({ length: rect.height }, (_, index) => {
		const y = rect.y + index;
		const meetsLeft = left.includes(y);
		const meetsRight = right.includes(y);
		const joint = index === 0 ? '┬' : meetsLeft && meetsRight ? '┼' : meetsLeft ? '┤' : meetsRight ? '├' : '│';
		return line(joint, 'muted');
	});
	return <StaticBlock rect={rect} rows={rows} />;
});
