/** A part of the model that is verified by itself: all of it at once has too many states. */
export interface Scene {
	readonly name: string;
	readonly about: string;
	/** Definitions for the preprocessor of spin. */
	readonly defines: readonly string[];
	/** A formula of the model is verified, not its assertions: acceptance cycles, with weak fairness. */
	readonly formula?: true;
}

export const scenes: readonly Scene[] = [
	{ name: 'twice', about: 'two clients start one run, and one withdraws it', defines: ['TWICE'] },
	{ name: 'two', about: 'a run, its cancel, and the start of another run', defines: ['TWO'] },
	{ name: 'undo', about: 'a run, its undo, and two prunes', defines: ['UNDO'] },
	{ name: 'looks', about: 'a run without the lock, and a prune', defines: ['UNDO', 'LOOKS'] },
	{ name: 'cancel', about: 'two cancels of one run', defines: ['CANCEL'] },
	{ name: 'view', about: 'a run out of time, its cancel, and whoever attaches', defines: ['VIEW', 'TIMER', 'DAEMON'] },
	{ name: 'answer', about: 'two answers to a manual step, and a cancel', defines: ['MANUAL', 'KILLS=0'] },
	{ name: 'restart', about: 'a restart of the host, and another run after it', defines: ['RESTART', 'KILLS=0'] },
	{ name: 'alone', about: 'a run by itself, whose step may fail', defines: ['ALONE', 'FAILS'] },
	{
		name: 'ends',
		about: 'a cancel leads to an end, also of a step that ignores TERM',
		defines: ['LIVENESS', 'STUBBORN', 'TIMER'],
		formula: true,
	},
];

/** One precaution is taken out of the programs, and the property that depends on it must fail. */
export interface Broken {
	/** Its definition, without BROKEN_. */
	readonly name: string;
	readonly about: string;
	readonly scene: Scene;
	/** What spin says then. */
	readonly finds: RegExp;
}

const broken = (name: string, defines: readonly string[], about: string, finds: RegExp, formula?: true): Broken => ({
	name,
	about,
	scene: { name: `broken ${name}`, about, defines: [...defines, `BROKEN_${name}`], ...(formula && { formula }) },
	finds,
});

const overlap = /assertion violated\s+!\(\(\(held\[0\]&&held\[1\]\)&&work\[0\]\)\)/;
const startedTwice = /assertion violated \( !\(published\[r\]\)&& !\(withdrawn\[r\]\)\)/;

export const brokenModels: readonly Broken[] = [
	broken('LOCK', ['TWO'], 'a start does not wait for the lock', /assertion violated\s+!\(\(held\[\(1-c\)\]/),
	broken('OWNER', ['TWO', 'KILLS=2'], 'a start does not look for processes of a run that died', overlap),
	broken('LEFT', ['TWO'], 'what a killed step has started is left', overlap),
	broken(
		'NAME',
		['TWO'],
		'a cancel removes the name of the lock without the lock',
		/assertion violated \(\(owner==0\)/,
	),
	broken('TWICE', ['TWICE'], 'a start does not look again after mkdir', startedTwice),
	broken('WITHDRAW', ['TWICE'], 'a withdrawal does not take the place of the run', startedTwice),
	broken('GATE', ['CANCEL'], 'a step begins without asking', /assertion violated \(+begins\[r\]==1\)/),
	broken('GATE', ['LIVENESS', 'STUBBORN', 'TIMER'], 'a step cannot be kept from beginning', /acceptance cycle/, true),
	broken('MINDER', ['ALONE'], 'only the shell that waits for a step tells of its end', /assertion violated 0/),
	broken(
		'RESULT',
		['VIEW', 'DAEMON'],
		'a cancel does not look for a result again',
		/assertion violated \(\(result\[r\]==0\)/,
	),
	broken(
		'READ',
		['VIEW'],
		'the result is read before it is asked who lives',
		/assertion violated \(\(\(minded\|\|what\)/,
	),
	broken('ANSWER', ['MANUAL', 'KILLS=0'], 'an answer is written over another', /assertion violated \(taken<=1\)/),
	broken('PRUNE_NEEDED', ['UNDO'], 'a prune takes what an undo needs', /assertion violated\s+!\(\(published\[1\]/),
	broken('PRUNE_LOCK', ['UNDO'], 'a prune does without the lock', /assertion violated/),
	broken(
		'PRUNE_ALIVE',
		['UNDO', 'LOOKS'],
		'a prune takes a run that goes on',
		/assertion violated \( !\(\(alive_locked/,
	),
	broken(
		'PRUNE_DIED',
		['UNDO', 'LOOKS', 'BROKEN_PRUNE_GATE'],
		'a prune takes a run that died and still works',
		/assertion violated\s+!\(work\[by\[0\]\]/,
	),
	broken(
		'PRUNE_GATE',
		['UNDO', 'LOOKS'],
		'a prune does not keep the next step of a run that died from beginning',
		/assertion violated/,
	),
];
