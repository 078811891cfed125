import type { Plan } from '../../src/runbook/plan.ts';
import type { Random } from '../soak/random.ts';

const id = '20261129T000000Z-000001';

/** A run of a few steps that exists in this process only; a seed decides what it prints and when it goes on. */
export class PlayedRun {
	readonly id = id;
	readonly #random: Random;
	readonly #plan: Plan;
	#output = Buffer.alloc(0);
	#records = '';
	#step = 0;
	#isInStep = false;
	#result = '';

	constructor(random: Random, plan: Plan) {
		this.#random = random;
		this.#plan = plan;
	}

	get at(): { readonly output: Buffer; readonly records: string; readonly hasEnded: boolean } {
		return { output: this.#output, records: this.#records, hasEnded: this.#result !== '' };
	}

	/** The state that its result says; `running` before that. */
	get state(): string {
		return this.#result.split(' ')[0] || 'running';
	}

	/** It prints something, or a step begins or ends. */
	goOn(): void {
		if (this.#result !== '') return;
		const name = `${this.#step + 1} 0${this.#step + 1}-step`;
		if (!this.#isInStep) {
			this.#isInStep = true;
			this.#records += `begin ${name} ${1000 + this.#step} ${this.#output.length}\n`;
		} else if (this.#random.chance(0.7)) {
			const text = `${this.#random.next()} ü\n`.repeat(this.#random.between(1, 20));
			this.#output = Buffer.concat([this.#output, Buffer.from(text)]);
		} else {
			const code = this.#random.chance(0.15) ? 1 : 0;
			this.#records += `end ${name} ${1000 + this.#step} ${this.#output.length} ${code}\n`;
			this.#isInStep = false;
			this.#step++;
			if (code !== 0) this.#result = 'failed 1 2000\n';
			else if (this.#step === this.#plan.steps.length) this.#result = 'succeeded 0 2000\n';
		}
	}

	/** What read-run.sh prints. */
	files(): string {
		const file = (name: string, text: string) => `${name} ${Buffer.byteLength(text)}\n${text}\n`;
		const about = { procedure: 'p', title: 't', risk: 'disruptive', who: { user: 'u', machine: 'm' }, reason: '' };
		return [
			file(this.#result === '' ? 'alive' : 'ended', ''),
			file('plan.json', `${JSON.stringify(this.#plan)}\n`),
			file('about.json', `${JSON.stringify(about)}\n`),
			file('started', '1000\n'),
			file('records', this.#records),
			file('facts', ''),
			...(this.#result === '' ? [] : [file('result', this.#result)]),
			`out ${this.#output.length}\n`,
		].join('');
	}

	/** What list-runs.sh prints. */
	summary(): string {
		const state = this.#result === '' ? 'running' : 'ended';
		return `${id}/state:${state}\n${this.#result === '' ? '' : `${id}/result:${this.#result}`}`;
	}
}
