import type { Rect } from '../../components/panel.ts';
import { allot, type Separator } from '../dashboard/layout.ts';

export interface RunLayout {
	/** The verdict in big words and the row that explains it. */
	readonly verdict: Rect;
	readonly steps?: Rect;
	readonly checks?: Rect;
	readonly containers?: Rect;
	readonly health?: Rect;
	readonly output: Rect;
	readonly separator?: Separator;
}

export interface RunLayoutRequest {
	readonly columns: number;
	readonly rows: number;
	/** Number of rows that each could fill, without titles. */
	readonly steps: number;
	readonly checks: number;
	readonly containers: number;
	readonly health: number;
	/** Number of rows of the verdict. */
	readonly verdict: number;
	/** True: the output takes everything but the verdict. */
	readonly full: boolean;
	/** True: one column, however large the screen is. */
	readonly linear?: boolean;
}

const header = 2;
const footer = 1;

/**
 * Steps and checks above, the output below over the full width. From 120 columns on the containers and the health
 * endpoints stay beside them. In less than 72 columns or 18 rows: the verdict, the steps, the output, and the checks in
 * their title. A run without steps, which only verifies, has no panel for them.
 */
export const layoutRun = (request: RunLayoutRequest): RunLayout => {
	const { columns, rows } = request;
	const body = rows - header - footer;
	const verdict = { x: 0, y: header, width: columns, height: Math.min(request.verdict, Math.max(1, body - 3)) };
	const top = header + verdict.height;
	const room = body - verdict.height;
	if (request.full) {
		return { verdict, output: { x: 0, y: top, width: columns, height: room } };
	}
	const outputLeast = Math.max(3, Math.min(12, Math.floor(room / 3)));
	const middle = room - outputLeast;
	const wide = columns >= 120 && !request.linear;
	const beside = columns >= 72 && !wide && !request.linear;
	const left = wide ? Math.round(columns * 0.48) : beside ? Math.round(columns * 0.5) : columns;
	const stack = (x: number, width: number, heights: readonly number[]) => {
		let y = top;
		return heights.map((height) => {
			const rect = { x, y, width, height };
			y += height;
			return height > 0 ? rect : undefined;
		});
	};
	// A verification has none.
	const stepsClaim = request.steps === 0 ? [] : [{ id: 'steps', least: 2, wish: 1 + request.steps }];
	const output = (used: number) => ({ x: 0, y: top + used, width: columns, height: room - used });
	if (wide) {
		const first = allot(middle, [...stepsClaim, { id: 'checks', least: 1, wish: 1 + request.checks }]);
		const second = allot(middle, [
			{ id: 'containers', least: 2, wish: 2 + request.containers },
			{ id: 'health', least: 1, wish: 1 + request.health },
		]);
		const sum = (given: Map<string, number>) => [...given.values()].reduce((a, b) => a + b, 0);
		const used = Math.max(sum(first), sum(second));
		const [steps, checks] = stack(0, left, [first.get('steps') ?? 0, used - (first.get('steps') ?? 0)]);
		const [containers, health] = stack(left + 1, columns - left - 1, [
			second.get('containers') ?? 0,
			used - (second.get('containers') ?? 0),
		]);
		return {
			verdict,
			...shown({ steps, checks, containers, health }),
			output: output(used),
			separator: {
				rect: { x: left, y: top, width: 1, height: used },
				left: [steps, checks].flatMap((rect) => (rect === undefined ? [] : [rect.y])),
				right: [containers, health].flatMap((rect) => (rect === undefined ? [] : [rect.y])),
			},
		};
	}
	if (beside && request.steps > 0) {
		const used = Math.min(middle, 1 + Math.max(request.steps, request.checks));
		const [steps] = stack(0, left, [used]);
		const [checks] = stack(left + 1, columns - left - 1, [used]);
		return {
			verdict,
			...shown({ steps, checks }),
			output: output(used),
			separator: { rect: { x: left, y: top, width: 1, height: used }, left: [top], right: [top] },
		};
	}
	const given = allot(middle, [...stepsClaim, { id: 'checks', least: 1, wish: 1 + request.checks }]);
	const [steps, checks] = stack(0, columns, [given.get('steps') ?? 0, given.get('checks') ?? 0]);
	return {
		verdict,
		...shown({ steps, checks }),
		output: output((given.get('steps') ?? 0) + (given.get('checks') ?? 0)),
	};
};

const shown = <T extends Record<string, Rect | undefined>>(rects: T): Partial<Record<keyof T, Rect>> =>
	Object.fromEntries(Object.entries(rects).filter(([, rect]) => rect !== undefined)) as Partial<Record<keyof T, Rect>>;
