import type { LabInfo } from '../lab/index.ts';

/** Where the drill's steps write and wait. */
export interface DrillPlaces {
	/** Each step appends a line: what ran, and how often. */
	readonly ledger: string;
	/** The first step waits until this file is there. */
	readonly gate: string;
	/** Of which the dashboard shows how full it is. */
	readonly disk: string;
}

/**
 * A runbook with one harmless procedure, which lasts as long as a test wants: its first step waits at a gate. Written as
 * JSON, which is YAML.
 */
export const drillRunbook = (info: LabInfo, places: DrillPlaces): string => {
	const noted = (id: string, script: string) => ({
		id,
		title: `Step ${id}`,
		run: `echo "$run_id ${id}" >>"$ledger"\n${script}`,
	});
	return JSON.stringify({
		title: 'Drill',
		variables: { ledger: places.ledger, gate: places.gate },
		monitors: {
			health: [
				{
					name: 'engine',
					url: `http://127.0.0.1:${info.ports.health}/health`,
					through: 'host',
					interval: '1s',
					timeout: '3s',
				},
			],
			disk: { path: places.disk, interval: '5s' },
		},
		checks: { containers: { kind: 'containers', title: 'Containers' } },
		verification: { checks: ['containers'], settle: '1s', deadline: '2m' },
		procedures: {
			drill: {
				title: 'Fire drill',
				when: 'Now and then.',
				risk: 'disruptive',
				restorePoint: false,
				steps: [
					noted(
						'one',
						`echo 'one: at the gate'
n=0
until [ -e "$gate" ] || [ "$n" -ge 1500 ]; do
	n=$((n + 1))
	[ $((n % 10)) != 0 ] || echo "one: $n"
	sleep 0.1
done
echo 'one: through the gate'`,
					),
					noted('two', `n=0; while [ "$n" -lt 300 ]; do n=$((n + 1)); echo "two: line $n of 300"; done`),
					{ id: 'pause', title: 'Step pause', wait: { for: '1s' } },
					noted('three', `echo 'three: the end'`),
				],
			},
		},
	});
};

/** What the ledger holds of a run that went through, once. */
export const ledgerOf = (id: string): string => ['one', 'two', 'three'].map((step) => `${id} ${step}\n`).join('');
