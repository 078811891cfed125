import { milliseconds } from '../../components/figures.ts';
import { age, duration } from '../../components/format-time.ts';
import { staleLabel } from '../../components/freshness.ts';
import { type Line, span } from '../../components/line.ts';
import { checkSigns, readingSigns } from '../../components/status-icons.ts';
import { type ContainerReading, isStale, type Reading } from '../../runbook/reading.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { verdictLine } from '../dashboard/checks-rows.ts';
import { containerWord } from '../dashboard/containers-rows.ts';
import { linkLine } from '../dashboard/link-line.ts';
import { shownValue } from '../dashboard/metrics-rows.ts';

/** One aspect of two targets. */
export interface Compared {
	readonly label: string;
	readonly left: Line;
	readonly right: Line;
	/** True when both are known, and differ. */
	readonly differs: boolean;
}

export interface ComparedSection {
	readonly title: string;
	readonly rows: readonly Compared[];
}

const nothing: Line = [span('–', 'muted')];
const unknown = (reason: string | undefined): Line => [
	span('? unknown', 'warn'),
	span(reason === undefined ? '' : `: ${reason}`, 'muted'),
];

/** One aspect on one side: its display, and its value if it can differ. */
interface Side {
	readonly shown: Line;
	readonly same?: string;
}

const compared = (label: string, [left, right]: readonly [Side, Side]): Compared => ({
	label,
	left: left.shown,
	right: right.shown,
	differs: left.same !== undefined && right.same !== undefined && left.same !== right.same,
});

type Pair = readonly [Workspace, Workspace];

const both = <T>([left, right]: Pair, look: (workspace: Workspace) => T): readonly [T, T] => [look(left), look(right)];

/** Returns the keys of both sides, in the order of the first. */
const union = (left: readonly string[], right: readonly string[]): readonly string[] => [
	...new Set([...left, ...right]),
];

const withAge = (reading: Reading<unknown>, now: number, shown: Line): Line => {
	const stale = staleLabel(reading, now);
	return stale === ''
		? shown
		: [...shown.map(({ text }) => ({ text, tone: 'muted' as const })), span(` ◔ ${stale}`, 'warn')];
};

const deployed = (pair: Pair, now: number): ComparedSection => {
	const commit = (tell: (value: NonNullable<ReturnType<Workspace['readings']['commit']['get']>['value']>) => Side) =>
		both(pair, ({ readings }): Side => {
			const reading = readings.commit.get();
			if (reading.value === undefined) {
				return { shown: unknown(reading.reason) };
			}
			const side = tell(reading.value);
			return { ...side, shown: withAge(reading, now, side.shown) };
		});
	return {
		title: 'Deployed',
		rows: [
			compared(
				'commit',
				commit(({ hash, subject }) => ({
					shown: [span(hash.slice(0, 7), 'accent'), span(` “${subject}”`, 'muted')],
					same: hash,
				})),
			),
			compared(
				'branch',
				commit(({ branch, committedAt }) => ({
					shown: [
						span(branch ?? 'detached HEAD', branch === undefined ? 'warn' : 'plain'),
						span(`, ${age(now - committedAt).replace('now', '<10s')} old`, 'muted'),
					],
					same: branch ?? '',
				})),
			),
			compared(
				'local changes',
				commit(({ changed, untracked }) => ({
					shown: [span(`${changed} changed, ${untracked} untracked`, changed > 0 ? 'warn' : 'plain')],
					same: String(changed > 0),
				})),
			),
		],
	};
};

const checks = (pair: Pair, now: number): ComparedSection => {
	const [left, right] = both(pair, ({ readings }) => readings.verification.get()?.checks ?? []);
	const titles = new Map([...right, ...left].map(({ id, title }) => [id, title]));
	const side = (list: typeof left, id: string): Side => {
		const check = list.find((one) => one.id === id);
		if (check === undefined) {
			return { shown: nothing };
		}
		const sign = checkSigns[check.state];
		const old = check.at > 0 && now - check.at >= 60_000 ? ` ${age(now - check.at)} ago` : '';
		return {
			shown: [
				span(`${sign.glyph} ${sign.word}`, sign.tone),
				span(old, 'warn'),
				span(check.state === 'passed' ? '' : `: ${check.reason}`, 'muted'),
			],
			...(check.at > 0 && { same: check.state }),
		};
	};
	return {
		title: 'Checks',
		rows: [
			compared('all', [
				{ shown: verdictLine(pair[0].readings.verification.get(), now, false) },
				{ shown: verdictLine(pair[1].readings.verification.get(), now, false) },
			]),
			...union(
				left.map(({ id }) => id),
				right.map(({ id }) => id),
			).map((id) => compared(titles.get(id) ?? id, [side(left, id), side(right, id)])),
		],
	};
};

const stateOf = (container: ContainerReading, now: number): Side => {
	const sign = readingSigns[container.state];
	const up =
		container.status === 'running' && container.startedAt !== undefined
			? ` up ${duration(now - container.startedAt).replace(/^\d+s$/, '<1m')}`
			: '';
	const restarts = container.restarts === 0 ? '' : ` ${container.restarts} restarts`;
	return {
		shown: [span(`${sign.glyph} ${containerWord(container)}`, sign.tone), span(up, 'muted'), span(restarts, 'warn')],
		same: containerWord(container),
	};
};

const imageOf = ({ image, imageId, imageCreatedAt }: ContainerReading, now: number): Side => ({
	shown: [
		span(image),
		span(` ${imageId.replace(/^sha256:/, '').slice(0, 12)}`, 'accent'),
		span(imageCreatedAt === undefined ? '' : ` ${age(now - imageCreatedAt).replace('now', '<10s')} old`, 'muted'),
	],
	same: imageId,
});

const configOf = ({ configHash }: ContainerReading): Side =>
	configHash === undefined
		? { shown: nothing }
		: { shown: [span(`config ${configHash.slice(0, 12)}`, 'muted')], same: configHash };

const containers = (pair: Pair, now: number): ComparedSection => {
	const services = both(pair, ({ readings }) => (readings.containers.get().value ?? []).map(({ service }) => service));
	const of = (service: string, tell: (container: ContainerReading) => Side) =>
		both(pair, ({ readings }): Side => {
			const reading = readings.containers.get();
			const found = reading.value?.find((container) => container.service === service);
			if (reading.value === undefined) {
				return { shown: unknown(reading.reason) };
			}
			if (found === undefined) {
				return { shown: [span('no container', 'warn')], same: '' };
			}
			const side = tell(found);
			return { ...side, shown: withAge(reading, now, side.shown) };
		});
	const rows = union(...services).flatMap((service) => {
		const config = compared('', of(service, configOf));
		return [
			compared(
				service,
				of(service, (container) => stateOf(container, now)),
			),
			compared(
				'',
				of(service, (container) => imageOf(container, now)),
			),
			// An aspect that is the same on both sides is left out.
			...(config.differs ? [config] : []),
		];
	});
	return { title: 'Containers', rows };
};

const health = (pair: Pair, now: number): ComparedSection => {
	const endpoints = both(pair, ({ readings }) => readings.health);
	const side = (list: (typeof endpoints)[0], name: string): Side => {
		const reading = list.find((endpoint) => endpoint.name === name)?.reading.get();
		if (reading === undefined) {
			return { shown: nothing };
		}
		const sign = readingSigns[reading.state];
		const { value } = reading;
		return {
			shown: withAge(reading, now, [
				span(`${sign.glyph} ${value?.status ?? sign.word}`, sign.tone),
				// A latency varies, so it is rounded to two digits.
				span(value?.latencyMs === undefined ? '' : ` ${milliseconds(Number(value.latencyMs.toPrecision(1)))}`, 'muted'),
				span(reading.reason === undefined ? '' : `: ${reading.reason}`, 'muted'),
			]),
			...(value !== undefined && !isStale(reading, now) && { same: reading.state }),
		};
	};
	return {
		title: 'Health',
		rows: union(
			endpoints[0].map(({ name }) => name),
			endpoints[1].map(({ name }) => name),
		).map((name) => compared(name, [side(endpoints[0], name), side(endpoints[1], name)])),
	};
};

const metrics = (pair: Pair, now: number): ComparedSection => {
	const lists = both(pair, ({ readings }) => readings.metrics.get());
	const side = (reading: (typeof lists)[0], title: string): Side => {
		const series = reading.value?.find((one) => one.title === title);
		// Values change all the time, so a difference means nothing.
		return {
			shown:
				series === undefined
					? nothing
					: withAge(reading, now, [span(shownValue(series), series.value === undefined ? 'warn' : 'strong')]),
		};
	};
	const titles = lists.map(({ value }) => (value ?? []).map(({ title }) => title));
	return {
		title: 'Metrics',
		rows: union(titles[0] ?? [], titles[1] ?? []).map((title) =>
			compared(title, [side(lists[0], title), side(lists[1], title)]),
		),
	};
};

/** Compares two targets, aspect by aspect. */
export const compareTargets = (pair: Pair, now: number): readonly ComparedSection[] =>
	[
		{
			title: 'Link',
			rows: [
				compared('link', [
					{ shown: linkLine(pair[0].readings.link.get(), now) },
					{ shown: linkLine(pair[1].readings.link.get(), now) },
				]),
			],
		},
		deployed(pair, now),
		checks(pair, now),
		containers(pair, now),
		health(pair, now),
		metrics(pair, now),
	].filter(({ rows }) => rows.length > 0);

export const differences = (sections: readonly ComparedSection[]): number =>
	sections.reduce((sum, { rows }) => sum + rows.filter(({ differs }) => differs).length, 0);
