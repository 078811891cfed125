import { plural, shortBytes } from '../../components/figures.ts';
import { shortDuration } from '../../components/format-time.ts';
import { cut } from '../../components/line.ts';
import type { ImageLayer } from '../../engine/instance.ts';

/** Layers that are shown; the older ones are those of the base image. */
const mostLayers = 8;

/**
 * The command of a layer as its Dockerfile has it: without the shell that Docker puts before it, or the builder's marks after it.
 */
export const layerCommand = (command: string): string => {
	const text = command.replaceAll(/\s+/g, ' ').trim();
	const legacy = text.replace(/^\/bin\/sh -c #\(nop\) */, '').replace(/^\/bin\/sh -c /, 'RUN ');
	return legacy
		.replace(/^RUN (?:\|\d+ (?:\S+=\S* )*)?\/bin\/sh -c /, 'RUN ')
		.replace(/ # buildkit$/, '')
		.trim();
};

/** The newest layers of an image, a text each: age, size, and the command, cut off at `width` cells. */
export const historyTexts = (layers: readonly ImageLayer[], now: number, width: number): readonly string[] => {
	const shown = layers.slice(0, mostLayers).map(({ createdAt, command, bytes }) => {
		const age = createdAt === undefined ? '–' : shortDuration(Math.max(0, now - createdAt));
		const size = bytes === 0 ? '–' : shortBytes(bytes);
		return cut(`${age.padStart(4)} ${size.padStart(5)}  ${layerCommand(command)}`, width);
	});
	const older = layers.length - shown.length;
	return older === 0 ? shown : [...shown, `… ${plural(older, 'older layer')}`];
};
