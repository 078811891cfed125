import { type Line, span } from '../../components/line.ts';
import { instancesOn, type NodeReading } from '../../runbook/reading.ts';
import { panelOfMonitor } from './monitor-panel.ts';

const sign = ({ state, isReachable, availability }: NodeReading) =>
	state !== 'ready' || isReachable === false
		? ({ glyph: '✗', tone: 'bad' } as const)
		: availability === 'active'
			? ({ glyph: '●', tone: 'good' } as const)
			: ({ glyph: '▲', tone: 'warn' } as const);

/** A row a node: how it is, its role, and what runs on it. */
const nodeRow = (node: NodeReading): Line => {
	const { glyph, tone } = sign(node);
	const words = [
		...(node.state === 'ready' ? [] : [node.state]),
		...(node.isReachable === false ? ['not reached'] : []),
		...(node.availability === 'active' ? [] : [node.availability]),
	];
	return [
		span(` ${glyph} `, tone),
		span(node.name, 'strong'),
		span(words.length === 0 ? '' : ` ${words.join(', ')}`, tone),
		span(` ${node.isLeader ? 'leader' : node.role}${node.isHere ? ', asked' : ''}`),
		span(`  ${instancesOn(node)}  ${node.version}`, 'muted'),
		span(node.message === undefined ? '' : `  ${node.message}`, 'muted'),
	];
};

export const nodesPanel = panelOfMonitor<readonly NodeReading[]>('nodes', {
	title: 'Nodes',
	summary: (nodes) => {
		const ready = nodes.filter(({ state }) => state === 'ready').length;
		return ready === nodes.length ? `${ready} ready` : `${ready} of ${nodes.length} ready`;
	},
	rows: (nodes) => nodes.map(nodeRow),
	usualRows: 3,
	rowCount: (nodes) => Math.max(1, nodes.length),
});
