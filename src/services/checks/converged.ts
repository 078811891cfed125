import type { ServiceRollout } from '../../engine/rollout.ts';
import { quote } from '../../runbook/shell-quote.ts';
import { type Built, defineCheckKind, type Entry, type SchemaParts } from './check-kind.ts';
import type { CheckContext, CheckFunction } from './outcome.ts';

const keys = ({ z, text }: SchemaParts) => ({
	except: z.array(text()).default([]).describe('Services that do not count'),
});

const build = ({ except }: Entry<typeof keys>) => ({ except });
type ConvergedCheck = Built<ReturnType<typeof build>>;

/** Says what the engine does with a service, or has done, other than it was asked. */
const updateTrouble = ({ update }: ServiceRollout): string | undefined => {
	const said = update?.message ? ` (${update.message})` : '';
	switch (update?.state) {
		case 'updating':
			return 'is being updated';
		case 'stalled':
			return `its update gets nowhere${said}`;
		case 'rolling-back':
			return 'is being rolled back by the engine';
		case 'paused':
			return `its update is paused${said}, and goes no further by itself`;
		case 'rollback-paused':
			return `its rollback by the engine is paused${said}, and goes no further by itself`;
		case 'rolled-back':
			return 'its last update was rolled back by the engine, so it runs what it ran before';
		case 'overwritten':
			return `somebody has changed it since the run did${said}, so it is not what the run made of it`;
		default:
			return undefined;
	}
};

/** True when nothing changes before somebody acts. */
const isStuck = ({ update }: ServiceRollout): boolean =>
	['stalled', 'paused', 'rollback-paused', 'rolled-back', 'overwritten'].includes(update?.state ?? '');

/** Lists what keeps a service from being what was asked for. */
const troublesOf = (rollout: ServiceRollout): readonly string[] => {
	const { service, desired, current, earlier, isJob, restarting, troubles = [] } = rollout;
	const update = updateTrouble(rollout);
	const wrongCount = isJob ? current < desired : current !== desired;
	return [
		...(update === undefined ? [] : [`${service}: ${update}`]),
		...restarting,
		...troubles,
		...(wrongCount ? [`${service}: ${current} of ${desired} ${isJob ? 'have completed' : 'run as specified'}`] : []),
		...(earlier > 0 ? [`${service}: ${earlier} of an earlier specification still run`] : []),
	];
};

const lineOf = (rollout: ServiceRollout): string => {
	const { service, desired, current, isJob, update } = rollout;
	const state = update === undefined ? 'never updated' : `last update: ${update.state}`;
	const troubles = troublesOf(rollout).map((trouble) => `\n  ${trouble}`);
	return `${service}: ${current} of ${desired} ${isJob ? 'completed' : 'run as specified'}, ${state}${troubles.join('')}`;
};

/** Passes when the engine has brought every service to its specification, and nothing is under way. */
const checkConverged = ({ except }: ConvergedCheck, { engine, facts }: CheckContext): CheckFunction => {
	const asked = engine.terms.asks.desired();
	/** Time since when the same was seen to be stuck, ms by this machine's clock. */
	let stuckSince: number | undefined;
	return async (signal) => {
		if (engine.rollouts === undefined) {
			const reason = `${engine.terms.name} changes no service by itself: use a check of kind containers`;
			return { state: 'unknown', reason, asked, evidence: '' };
		}
		const rollouts = (await engine.rollouts(signal, facts)).filter(({ service }) => !except.includes(service));
		const evidence = rollouts.map(lineOf).join('\n');
		if (rollouts.length === 0) {
			return { state: 'failed', reason: `${engine.project} has no service`, asked, evidence };
		}
		const troubles = rollouts.flatMap(troublesOf);
		if (troubles.length > 0) {
			stuckSince = rollouts.some(isStuck) ? (stuckSince ?? Date.now()) : undefined;
			const more = troubles.length > 3 ? ` (and ${troubles.length - 3} more)` : '';
			const reason = troubles.slice(0, 3).join('; ') + more;
			return { state: 'failed', reason, asked, evidence, hopelessSince: stuckSince };
		}
		stuckSince = undefined;
		return {
			state: 'passed',
			reason: `all ${rollouts.length} services run as specified, nothing is under way`,
			asked,
			evidence,
			since: engine.clock.toLocal(Math.max(...rollouts.map(({ since }) => since))),
		};
	};
};

export const converged = defineCheckKind({
	about:
		'For engine: swarm and kubernetes: every service is what its specification asks for: all of its tasks or pods run, through their health checks; no update is under way, paused or rolled back; nothing restarts; jobs have completed',
	keys,
	build,
	run: (definition, { context }) => checkConverged(definition, context),
	onHost: ({ except }, { converged: call }) =>
		call === undefined
			? 'the engine changes no service by itself'
			: { ask: 'ask_script', values: { script: [call, ...except.map(quote)].join(' ') }, seconds: 30 },
	decisive: true,
	ofContainers: true,
});
