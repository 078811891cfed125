import fc from 'fast-check';
import { Box, Text, useWindowSize } from 'ink';
import { useSyncExternalStore } from 'react';
import { expect, it } from 'vitest';
import { OutputPane } from '../../src/components/output-pane.tsx';
import { createOutputBuffer } from '../../src/stores/byte-ring.ts';
import { createPaneView } from '../../src/stores/pane-view.ts';
import { createStore, type Readable } from '../../src/stores/store.ts';
import { renderTerminal } from '../helpers/terminal.ts';

/** The layout of a screen; the pane may be anywhere, cover all or be hidden. */
interface Layout {
	readonly above: number;
	readonly below: number;
	readonly covered: boolean;
	readonly text: string;
}

const Screen = ({ layout, pane }: { layout: Readable<Layout>; pane: ReturnType<typeof createPaneView> }) => {
	const { columns, rows } = useWindowSize();
	const { above, below, covered, text } = useSyncExternalStore(layout.subscribe, layout.get);
	const top = Math.min(above, rows);
	const height = Math.max(0, rows - top - below);
	const rest = rows - top - height;
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			<Box height={top} flexShrink={0} flexDirection="column" overflow="hidden">
				<Text wrap="truncate">{`above ${text}`}</Text>
			</Box>
			{covered ? (
				<Box height={height} flexShrink={0} flexDirection="column" overflow="hidden">
					<Text wrap="truncate">{`  dialog ${text}`}</Text>
				</Box>
			) : (
				<OutputPane view={pane} title="Log" top={top} height={height} width={columns} />
			)}
			<Box height={rest} flexShrink={0} overflow="hidden">
				<Text wrap="truncate">{`below ${text}`}</Text>
			</Box>
		</Box>
	);
};

type Change =
	| { readonly kind: 'layout'; readonly layout: Layout }
	| { readonly kind: 'output'; readonly lines: readonly string[] }
	| { readonly kind: 'scroll'; readonly rows: number }
	| { readonly kind: 'size'; readonly columns: number; readonly rows: number }
	| { readonly kind: 'do'; readonly what: 'toTop' | 'toBottom' | 'toggleWrap' | 'toggleFollow' };

const words = fc.constantFrom(
	'one',
	'two words',
	'x'.repeat(45),
	'漢字'.repeat(12),
	'\u001b[31mred\u001b[0m',
	'a\rb',
	'',
	'\t|',
);
const changes: fc.Arbitrary<Change> = fc.oneof(
	fc.record({
		kind: fc.constant('layout' as const),
		layout: fc.record({
			above: fc.integer({ min: 0, max: 6 }),
			below: fc.integer({ min: 0, max: 6 }),
			covered: fc.boolean(),
			text: fc.constantFrom('a', 'bb', 'ccc'),
		}),
	}),
	fc.record({ kind: fc.constant('output' as const), lines: fc.array(words, { maxLength: 12 }) }),
	fc.record({ kind: fc.constant('scroll' as const), rows: fc.integer({ min: -8, max: 8 }) }),
	fc.record({
		kind: fc.constant('size' as const),
		columns: fc.integer({ min: 1, max: 50 }),
		rows: fc.integer({ min: 1, max: 20 }),
	}),
	fc.record({
		kind: fc.constant('do' as const),
		what: fc.constantFrom('toTop' as const, 'toBottom' as const, 'toggleWrap' as const, 'toggleFollow' as const),
	}),
);

/** Shows a screen, makes changes to it, and gives what is seen at the end. */
const play = async (panes: 'compositor' | 'ink', steps: readonly Change[]) => {
	const buffer = createOutputBuffer({ bytes: 4096, throttleMs: 1 });
	const pane = createPaneView(buffer);
	const layout = createStore<Layout>({ above: 2, below: 1, covered: false, text: 'a' });
	const terminal = await renderTerminal(<Screen layout={layout} pane={pane} />, { columns: 40, rows: 12, panes });
	try {
		for (const step of steps) {
			if (step.kind === 'layout') {
				layout.set(step.layout);
			} else if (step.kind === 'output') {
				buffer.append(Buffer.from(step.lines.map((line) => `${line}\n`).join('')));
			} else if (step.kind === 'scroll') {
				pane.scrollBy(step.rows);
			} else if (step.kind === 'size') {
				terminal.resize(step.columns, step.rows);
			} else {
				pane[step.what]();
			}
			await terminal.settle();
		}
		// The last painting may still be due.
		await new Promise((resolve) => setTimeout(resolve, 60));
		await terminal.settle();
		return terminal.screen();
	} finally {
		await terminal.close();
	}
};

it('shows the same screen whether the compositor paints the pane or Ink draws it', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(changes, { maxLength: 8 }), async (steps) => {
			expect(await play('compositor', steps)).toEqual(await play('ink', steps));
		}),
		{ numRuns: 60 },
	);
});
