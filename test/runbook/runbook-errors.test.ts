import { expect, test } from 'vitest';
import { errorsAndWanted, type RunbookMistake } from './problems.ts';

const cases: readonly RunbookMistake[] = [
	['nothing', '▶', 'expected a runbook: a mapping with title, checks, procedures…'],
	['a list', '▶- a', 'expected a runbook: a mapping with title, checks, procedures…'],
	[
		'YAML syntax',
		'title: { a: b▶',
		'YAML: Flow map in block collection must be sufficiently indented and end with a }',
	],
	['a key twice', 'title: x\nchecks:\n  a: { kind: containers }\n  ▶a: { kind: containers }', '"a" occurs twice here'],
	['no title', '▶checks: {}', '"title" is missing'],
	[
		'unknown keys, all at once',
		'titel: x\nmonitors: {}'.replace('titel', '▶titel').replace('monitors', '▶monitros').replace(/^/, 'title: y\n'),
		'unknown key "titel" in a runbook; did you mean "title"?',
		'unknown key "monitros" in a runbook; did you mean "monitors"?',
	],
	[
		'an unknown key like no other',
		'title: x\nverification: { ▶zzzzzz: 1 }',
		'unknown key "zzzzzz" in a verification; known keys: checks, settle, deadline',
	],
	[
		'an unknown kind of step',
		'title: x\nprocedures: { p: { title: P, risk: read-only, steps: [{ id: a, title: A, ▶shell: ls }] } }',
		'unknown step kind "shell"; a step has one of: run, script, wait, manual',
	],
	[
		'a kind of step that is left to the checks',
		'title: x\nprocedures: { p: { title: P, risk: read-only, steps: [{ id: a, title: A, ▶http: http://h/ }] } }',
		'a step is never of kind "http": a host may have no HTTP client; use a check of kind http afterwards (verify), or a script that calls one in a container',
	],
	[
		'a guard of a procedure that deploys nothing',
		'title: x\nprocedures: { p: { title: P, risk: disruptive, guard: ▶10m } }',
		'only a procedure with "kind: deploy" has guard',
	],
	[
		'a checklist that is not there',
		'title: x\nprocedures: { p: { title: P, kind: deploy, risk: disruptive, checklist: ▶ready } }',
		'unknown procedure "ready"; known procedures: p',
	],
	[
		'a deployment that could not be undone',
		'title: x\nprocedures: { p: { title: P, kind: deploy, risk: disruptive, restorePoint: ▶false } }',
		'a deployment saves a restore point: without one it could not be undone',
	],
	[
		'a deployment that changes nothing',
		'title: x\nprocedures: { p: { title: P, kind: deploy, risk: ▶read-only } }',
		'a deployment changes something: its risk is not read-only',
	],
	[
		'a step without a kind',
		'title: x\nprocedures: { p: { title: P, risk: read-only, steps: [▶{ id: a, title: A }] } }',
		'a step has one of: run, script, wait, manual',
	],
	[
		'a step of two kinds',
		'title: x\nprocedures: { p: { title: P, risk: read-only, steps: [{ id: a, title: A, run: ls, ▶wait: { for: 1s } }] } }',
		'a step has only one of: run, script, wait, manual; here are run and wait',
	],
	[
		'a wait for a time with a time-out, and a time-out beside a wait',
		'title: x\nprocedures: { p: { title: P, risk: read-only, steps: [{ id: a, title: A, wait: { for: 1s, timeout: ▶2s }, timeout: ▶1s }] } }',
		'a wait for a time has no timeout',
		'the timeout of a wait belongs inside wait',
	],
	[
		'a step id twice',
		'title: x\nprocedures: { p: { title: P, risk: read-only, steps: [{ id: a, title: A, run: ls }, { id: ▶a, title: B, run: ls }] } }',
		'step id "a" occurs twice here',
	],
	[
		'an unknown script',
		'title: x\nscripts: { hello: ls }\nprocedures: { p: { title: P, risk: read-only, steps: [{ id: a, title: A, script: ▶helo }] } }',
		'unknown script "helo"; did you mean "hello"?',
	],
	[
		'an unknown kind of check',
		'title: x\nchecks: { a: { kind: ▶htp } }',
		'unknown kind "htp"; a check\'s kind is one of: containers, converged, http, log-state, log-errors, metrics, query, stopped, running, tcp, certificate, script',
	],
	[
		'a check without a kind',
		'title: x\nchecks:\n  ▶a: { title: A }',
		'"kind" is missing; a check\'s kind is one of: containers, converged, http, log-state, log-errors, metrics, query, stopped, running, tcp, certificate, script',
	],
	[
		'interruptions that are neither a list nor a script',
		'title: x\nprocedures: { p: { title: P, risk: read-only, ▶interrupts: {} } }',
		'a list of interruptions has one of: run, script',
	],
	[
		'an unknown script that says what is interrupted',
		'title: x\nscripts: { hello: ls }\nprocedures: { p: { title: P, risk: read-only, interrupts: { script: ▶helo } } }',
		'unknown script "helo"; did you mean "hello"?',
	],
	[
		'a preview beside the choices of an input that is none',
		'title: x\nprocedures: { p: { title: P, risk: read-only, inputs: [{ name: size, choices: ls }], previews: [{ title: A, run: ls, choice: ▶siz }] } }',
		'unknown input "siz"; did you mean "size"?',
	],
	['a missing key of a check', 'title: x\nchecks:\n  ▶a: { kind: http }', '"url" is missing'],
	[
		'a reserved check',
		'title: x\nchecks: { ▶version: { kind: containers } }',
		'the check "version" is added by the program; choose another id',
	],
	[
		'unknown checks',
		'title: x\nchecks: { up: { kind: containers } }\nverification: { checks: [up, ▶health] }',
		'unknown check "health"; known checks: up',
	],
	[
		'unknown checks and inputs of a procedure',
		'title: x\nprocedures: { p: { title: P, risk: read-only, verify: [▶up], inputs: [▶commit] } }',
		'unknown check "up"; there are none',
		'unknown input "commit"; there are none',
	],
	[
		'an expected commit that is no input',
		'title: x\nprocedures: { p: { title: P, risk: disruptive, expects: { service: a, commit: ▶hash } } }',
		'unknown input "hash"; there are none',
	],
	[
		'an input of the name of a variable',
		'title: x\nvariables: { a: 1 }\ninputs: { ▶a: { choices: ls } }',
		'input "a" has the name of a variable',
	],
	['an input without a source', 'title: x\ninputs: { ▶a: { title: A } }', 'an input has choices, resolve, or both'],
	[
		'an input that is neither name nor mapping',
		'title: x\nprocedures: { p: { title: P, risk: read-only, inputs: [▶7] } }',
		'expected the name of an input, or a mapping that defines one',
	],
	[
		'a mistake inside an inline input',
		'title: x\nprocedures: { p: { title: P, risk: read-only, inputs: [{ name: a, choices: ls, ▶typ: file }] } }',
		'unknown key "typ" in an input; did you mean "type"?',
	],
	[
		'a risk that is none',
		'title: x\nprocedures: { p: { title: P, risk: ▶readonly } }',
		'"readonly" is not one of: read-only, disruptive, destructive; did you mean "read-only"?',
	],
	[
		'an unknown variable',
		'title: x\nvariables: { health_port: 1 }\nlinks: [{ title: y, url: "http://a:▶${helth_port}/" }]',
		'unknown variable "helth_port"; did you mean "health_port"?',
	],
];

test.each(cases)('%s', (_name, source, ...messages) => {
	const { errors, wanted } = errorsAndWanted(source, messages);
	expect(errors).toEqual(wanted);
});
