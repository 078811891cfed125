/** A picture as `pictureOf` makes it, and how long it is shown, ms. */
export interface Frame {
	readonly picture: string;
	readonly ms: number;
}

/** Parts of a picture that are there from one frame to before another. */
interface Stretch {
	readonly from: number;
	readonly to: number;
	readonly part: string;
}

const partsOf = (picture: string): readonly string[] =>
	picture.split('\n').filter((line) => line.startsWith('<text') || line.startsWith('<rect x='));

/** Returns the beginning of a picture, before its parts: size, title and background. */
const headOf = (picture: string): string => picture.split('\n').slice(0, 3).join('\n');

/** The stretches of frames in which each part is there: what does not change is written once. */
const stretchesOf = (frames: readonly Frame[]): readonly Stretch[] => {
	const open = new Map<string, number>();
	const closed: Stretch[] = [];
	for (const [at, { picture }] of frames.entries()) {
		const parts = new Set(partsOf(picture));
		for (const [part, from] of open) {
			if (!parts.has(part)) {
				closed.push({ from, to: at, part });
				open.delete(part);
			}
		}
		for (const part of parts) {
			if (!open.has(part)) {
				open.set(part, at);
			}
		}
	}
	return [...closed, ...[...open].map(([part, from]) => ({ from, to: frames.length, part }))];
};

/**
 * Pictures of one size one after the other, again and again, as one SVG picture without a script. Who asks for less motion sees
 * the last one.
 */
export const animationOf = (frames: readonly Frame[]): string => {
	const starts = [0];
	for (const { ms } of frames) {
		starts.push((starts.at(-1) ?? 0) + ms);
	}
	const total = starts.at(-1) ?? 1;
	const percent = (frame: number) => `${((100 * (starts[frame] ?? 0)) / total).toFixed(3)}%`;
	const groups = new Map<string, { readonly from: number; readonly to: number; readonly parts: string[] }>();
	for (const { from, to, part } of stretchesOf(frames)) {
		// Fills are below all texts.
		const key = `${part.startsWith('<rect') ? 'a' : 'b'} ${from} ${to}`;
		const group = groups.get(key) ?? { from, to, parts: [] };
		group.parts.push(part);
		groups.set(key, group);
	}
	const named = [...groups].sort(([a], [b]) => (a[0] === b[0] ? 0 : a < b ? -1 : 1));
	const isAlways = ({ from, to }: { from: number; to: number }) => from === 0 && to === frames.length;
	const rules = new Map<string, string>();
	for (const [, group] of named) {
		const { from, to } = group;
		const steps = [
			...(from === 0 ? ['0%{visibility:visible}'] : ['0%{visibility:hidden}', `${percent(from)}{visibility:visible}`]),
			...(to === frames.length ? [] : [`${percent(to)}{visibility:hidden}`]),
		];
		if (!isAlways(group)) {
			rules.set(
				`f${from}-${to}`,
				`@keyframes f${from}-${to}{${steps.join('')}}.f${from}-${to}{animation:f${from}-${to} ${total}ms step-end infinite}`,
			);
		}
	}
	const last = frames.length;
	const body = named.map(([, group]) => {
		const { from, to, parts } = group;
		const text = parts.join('\n');
		return isAlways(group) ? text : `<g class="f${from}-${to}${to === last ? ' last' : ' past'}">\n${text}\n</g>`;
	});
	return `${headOf(frames.at(-1)?.picture ?? '')}
<style>
${[...rules.values()].join('\n')}
@media (prefers-reduced-motion:reduce){.past{animation:none;visibility:hidden}.last{animation:none}}
</style>
${body.join('\n')}
</svg>
`;
};
