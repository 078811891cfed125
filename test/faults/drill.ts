/** The places where the drill's steps write and wait. */
export interface DrillPlaces {
	/** Each step appends a line: what ran, and how often. */
	readonly ledger: string;
	/** The first step waits until this file is there. */
	readonly gate: string;
	/** The disk whose usage the dashboard shows. */
	readonly disk: string;
	/** The number of lines that the second step prints. */
	readonly lines: number;
	/** The gate is a `wait` of the runbook, not a script that waits. */
	readonly waits: boolean;
	/** The check looks at every service of the Compose file, and a run needs it to parse. */
	readonly composed: boolean;
}

/**
 * A runbook with one harmless procedure, which lasts as long as a test wants: its first step waits at a gate. Written as
 * JSON, which is YAML.
 */
export const drillRunbook = (places: DrillPlaces): string => {
	const noted = (id: string, script: string) => ({
		id,
		title: `Step ${id}`,
		run: `echo "$run_id ${id}" >>"$ledger"\n${script}`,
	});
	return JSON.stringify({
		title: 'Drill',
		variables: { ledger: places.ledger, gate: places.gate },
		monitors: {
			disk: { path: places.disk, interval: '5s' },
		},
		checks: {
			web: places.composed
				? { kind: 'containers', title: 'Web' }
				: { kind: 'running', title: 'Web', services: ['web'] },
		},
		verification: { checks: ['web'], settle: '1s', deadline: '2m' },
		procedures: {
			drill: {
				title: 'Fire drill',
				when: 'Now and then.',
				risk: 'disruptive',
				restorePoint: false,
				...(places.composed && {
					preconditions: [
						{ id: 'compose', title: 'The Compose file parses', run: 'docker compose -p "$project" config -q' },
					],
				}),
				steps: [
					noted(
						'one',
						places.waits
							? "seq -f 'one: %.0f' 10"
							: `echo 'one: at the gate'
n=0
until [ -e "$gate" ] || [ "$n" -ge 1500 ]; do
	n=$((n + 1))
	[ $((n % 10)) != 0 ] || echo "one: $n"
	sleep 0.1
done
echo 'one: through the gate'`,
					),
					places.waits
						? { id: 'gate', title: 'The gate', wait: { until: 'test -e "$gate"', timeout: '2m', interval: '1s' } }
						: { id: 'pause', title: 'Step pause', wait: { for: '1s' } },
					noted('two', `seq -f 'two: line %.0f of ${places.lines}' ${places.lines}`),
					noted('three', `echo 'three: the end'`),
				],
			},
		},
	});
};

/** Returns the ledger of a run that was completed once. */
export const ledgerOf = (id: string): string => ['one', 'two', 'three'].map((step) => `${id} ${step}\n`).join('');
