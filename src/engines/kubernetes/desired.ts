import type { DesiredAnswer, DesiredService, DesiredState } from '../../engine/desired.ts';
import { mainOf } from '../../runbook/main-service.ts';
import { hasProbe, mainContainer, workloadName } from './names.ts';
import type { RawWorkload } from './raw.ts';
import { wantedPods } from './rollouts.ts';
import type { Snapshot } from './snapshot.ts';

const portsOf = ({ spec }: RawWorkload): readonly unknown[] =>
	(spec.template?.spec?.containers ?? []).flatMap(({ ports = [] }) => ports);

const toDesired = (workload: RawWorkload, snapshot: Snapshot): DesiredService => ({
	name: workloadName(workload, snapshot),
	replicas: wantedPods(workload, snapshot),
	restartGiven: true,
	// The cluster knows probes alone; a health check of the image never runs.
	healthcheck: hasProbe(workload.spec.template?.spec) ? 'given' : 'disabled',
	ports: portsOf(workload),
});

const desiredOf = (snapshot: Snapshot, namespace: string): DesiredState => {
	const main = mainOf(
		snapshot.workloads.map((workload) => ({
			name: workloadName(workload, snapshot),
			image: mainContainer(workload.spec.template?.spec)?.image,
			publishes: portsOf(workload).length > 0,
			healthCheck: hasProbe(workload.spec.template?.spec),
		})),
		namespace,
	);
	return {
		services: snapshot.workloads
			.map((workload) => toDesired(workload, snapshot))
			.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
		jobs: [],
		...(main !== undefined && { main }),
	};
};

/** Returns a function that says what should run; as long as it says the same, it is the same object. */
export const createDesired = (
	project: string,
	{ namespace, selector }: { readonly namespace: string; readonly selector?: string },
): ((snapshot: Snapshot) => DesiredAnswer) => {
	let last: { readonly text: string; readonly desired: DesiredState } | undefined;
	return (snapshot) => {
		if (snapshot.workloads.length === 0) {
			const with_ = selector === undefined ? '' : ` with the labels ${selector}`;
			return { project, unreadable: `the namespace ${namespace} has no workload${with_}` };
		}
		const desired = desiredOf(snapshot, namespace);
		const text = JSON.stringify(desired);
		if (last?.text !== text) {
			last = { text, desired };
		}
		return { project, desired: last.desired };
	};
};
