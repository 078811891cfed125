import { hintLine } from '../components/key-labels.ts';
import { useLiveBindings } from '../components/keymap/keymap-provider.tsx';
import { span } from '../components/line.ts';
import { StaticBlock } from '../components/live-block.tsx';
import type { Rect } from '../components/panel.ts';
import { useReadable } from '../components/use-readable.ts';
import type { Readable } from '../stores/store.ts';

/** The last row: a notice, else the keys that work here. */
export const Footer = ({ rect, notice }: { readonly rect: Rect; readonly notice: Readable<string> }) => {
	const bindings = useLiveBindings();
	const said = useReadable(notice);
	const row = said === '' ? hintLine(bindings, rect.width) : [span(` ${said}`, 'strong')];
	return <StaticBlock rect={rect} rows={[row]} />;
};
