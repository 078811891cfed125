import type { ContainerFacts } from './container-facts.ts';
import { heldNetwork } from './network-facts.ts';
import { valuesOf } from './settings.ts';

/** The longest time from the first container that a deployment creates to the last, ms. */
const oneDeploymentMs = 600_000;

/**
 * True for a container that a deployment has created and never started, because it stopped half-way: Docker could not start this container,
 * or another one that was created at about the same time. Without that, somebody has created it to be started later.
 */
export const isLeftHalfWay = (facts: ContainerFacts, all: readonly ContainerFacts[]): boolean =>
	facts.neverStarted === 'failed' ||
	(facts.neverStarted === true &&
		all.some(
			({ neverStarted, createdAt }) =>
				neverStarted === 'failed' && Math.abs(createdAt - facts.createdAt) < oneDeploymentMs,
		));

/**
 * True when Docker would have started the container again, or hold.sh holds it: an operator stopped it. One that ended by itself is
 * started, and so is one that no deployment has started yet.
 */
export const stoppedByHand = (facts: ContainerFacts, all: readonly ContainerFacts[]): boolean => {
	const [policy = 'no'] = (valuesOf(facts, 'restart policy').get('') ?? 'no').split(':');
	const mayBe = ['always', 'unless-stopped'].includes(policy) && !isLeftHalfWay(facts, all);
	return !facts.running && (mayBe || isHeld(facts));
};

/** True for a container that backout has stopped and whose restart policy it has removed. */
export const isHeld = (facts: ContainerFacts): boolean => valuesOf(facts, 'network').has(heldNetwork);
