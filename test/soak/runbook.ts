import type { LabInfo } from '../lab/index.ts';

/** Marks where a step begins and ends; what stands there is compared with the run's records. */
const marked = (id: string, work: string) => ({
	id,
	title: `Step ${id}`,
	run: `echo "$run_id ${id} begin" >>"$ledger"\n${work}\necho "$run_id ${id} end" >>"$ledger"`,
});

const procedure = (title: string, ...steps: readonly object[]) => ({
	title,
	when: 'During a soak.',
	risk: 'disruptive',
	restorePoint: false,
	steps,
});

const say = (count: number) => `n=0; while [ "$n" -lt ${count} ]; do n=$((n + 1)); echo "line $n of ${count}"; done`;
const last = (seconds: number) =>
	`n=0; while [ "$n" -lt ${seconds * 5} ]; do n=$((n + 1)); echo "turn $n"; sleep 0.2; done`;

/** The procedures, and which of them fail by themselves at which step. */
export const failing: Readonly<Record<string, string>> = { fails: 'two', 'takes-too-long': 'two' };

const procedures = {
	quick: procedure('Quick', marked('one', say(20)), marked('two', say(20))),
	long: procedure(
		'Long',
		marked('one', last(4)),
		{ id: 'wait', title: 'Wait', wait: { for: '2s' } },
		marked('two', last(4)),
	),
	stubborn: procedure(
		'Ignores TERM',
		marked('one', `trap '' TERM; ${last(6)}`),
		marked('two', 'sleep 1 & sleep 2 & wait'),
	),
	flood: procedure('Flood', marked('one', `seq -f 'flood %.0f of 300000' 300000`), marked('two', say(5))),
	ugly: procedure(
		'Ugly output',
		marked(
			'one',
			`head -c 3000000 /dev/zero | tr '\\0' x; printf '\\033]0;title\\007\\033[2J\\377\\376\\000\\r\\n'; head -c 200000 /dev/urandom`,
		),
		marked('two', say(5)),
	),
	fails: procedure('Fails', marked('one', say(5)), marked('two', 'echo it breaks; exit 3'), marked('three', say(5))),
	'takes-too-long': procedure(
		'Takes too long',
		marked('one', say(5)),
		{ ...marked('two', 'sleep 60'), timeout: '2s' },
		marked('three', say(5)),
	),
};

export const procedureNames = Object.keys(procedures);

/** The procedure of `backout with-lock` in the journal, and its step. */
export const withLock = 'with-lock';
const lockedStep = 'command';

/** A command for `with-lock` that marks where it begins and ends. It gets no variables of runs; the id is in the mark of a step's processes. */
export const lockedCommand = (ledger: string): readonly string[] => {
	const mark = (what: string) => `echo "\${backout_step%%/*} ${lockedStep} ${what}" >>"$1"`;
	return ['sh', '-c', `${mark('begin')}; ${last(2)}; ${mark('end')}`, 'sh', ledger];
};

/** Ids of the steps with marks. */
export const stepsOf = (name: string): readonly string[] =>
	name === withLock
		? [lockedStep]
		: ((procedures as Record<string, { steps: readonly object[] }>)[name]?.steps ?? [])
				.filter((step) => 'run' in step)
				.map((step) => (step as unknown as { id: string }).id);

/** The runbook of a soak, as JSON, which is YAML. */
export const soakRunbook = (info: LabInfo, ledger: string): string => {
	const url = (port: number, path = '') => `http://127.0.0.1:${port}${path}`;
	const health = url(info.ports.health, '/health');
	const asked = { through: 'host', interval: '1s', timeout: '3s' };
	return JSON.stringify({
		title: 'Soak',
		variables: { ledger },
		monitors: {
			health: [{ name: 'engine', url: health, ...asked }],
			metrics: { url: url(info.ports.metrics, '/metrics'), ...asked, series: [{ series: 'up', title: 'Up' }] },
			alerts: { url: url(info.ports.alertmanager), ...asked },
			log: { service: 'trading-engine', pattern: 'error' },
			disk: { path: '.', interval: '5s' },
		},
		checks: {
			health: { kind: 'http', title: 'Health', url: health, through: 'host', timeout: '3s', expect: { status: 200 } },
		},
		verification: { checks: ['health'], settle: '1s', deadline: '15s' },
		procedures,
	});
};
