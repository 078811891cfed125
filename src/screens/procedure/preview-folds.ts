import { type Line, line, span } from '../../components/line.ts';
import { preformatted } from '../../components/preformatted.ts';
import type { Plan, PlanPreview } from '../../runbook/plan.ts';
import { isLogExcerpt, keyLine, orderedPreviews, previewExcerpt } from '../../runbook/plan-outline.ts';
import { fixed, rowsOf } from '../folds/fixed.ts';
import type { Fold } from '../folds/fold.ts';
import { titled } from './plan-paragraph.ts';

const mostExcerptRows = 5;

/** Returns a preview in one row: its title, and its most telling line. */
const briefFold = (preview: PlanPreview, id: string, width: number): Fold => {
	const [title, said] = [span(` ▸ ${preview.title}`, 'strong'), keyLine(preview)];
	return {
		id,
		head: [said === '' ? [title] : [title, span(`  ${said}`, isLogExcerpt(preview) ? 'bad' : 'muted')]],
		body: preformatted(preview.text, width, '   '),
		section: true,
	};
};

/** Returns a preview in a few rows; all of them if it has no more. */
const excerptFold = (preview: PlanPreview, id: string, width: number): Fold => {
	const { title, text } = preview;
	const { before, lines, after } = previewExcerpt(preview, mostExcerptRows);
	if (before + after === 0) {
		return text.includes('\n')
			? { ...fixed(id, [line(` ${title}`, 'strong'), ...preformatted(text, width, '   ')]) }
			: fixed(id, titled(title, text.trim(), width));
	}
	const more = (count: number, where: string): Line[] =>
		count === 0 ? [] : [line(`   │ … ${count} more ${where}`, 'muted')];
	return {
		id,
		head: [line(` ▸ ${title}`, 'strong')],
		excerpt: [...more(before, 'above'), ...preformatted(lines.join('\n'), width, '   '), ...more(after, 'below')],
		body: preformatted(text, width, '   '),
		section: true,
	};
};

/** Returns the previews, each in a few rows if there is room, else in one. */
export const previewFolds = (plan: Plan, width: number, room: number): Fold[] => {
	const previews = orderedPreviews(plan);
	let left = room - previews.length;
	return previews.map((preview, index) => {
		const excerpt = excerptFold(preview, `preview ${index}`, width);
		const more = rowsOf([excerpt]) - 1;
		if (more > left) {
			return briefFold(preview, `preview ${index}`, width);
		}
		left -= more;
		return excerpt;
	});
};
