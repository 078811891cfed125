import { exactlyOne, mustName, type Report, tools } from '../../runbook/load/reference-tools.ts';
import {
	child,
	entriesOf,
	isBroken,
	itemsOf,
	nodeAt,
	placeOf,
	problemAt,
	type TreeNode,
	textOf,
	valuePlace,
} from '../../runbook/load/tree.ts';
import type { Problem } from '../../runbook/problem.ts';
import { conditionKinds } from '../../runbook/schema/entries.ts';
import { scriptKinds, stepKeys } from '../../runbook/schema/procedures.ts';
import { stepKinds } from '../../runbook/step-kinds/index.ts';
import type { StepKindDefinition } from '../../runbook/step-kinds/step-kind.ts';
import { checkKinds } from '../checks/check-kinds.ts';

const keysOf = (node: TreeNode | undefined): ReadonlySet<string> => new Set(entriesOf(node).map(([key]) => key));

const unique = (nodes: readonly (TreeNode | undefined)[], what: string, report: Report): void => {
	const seen = new Set<string>();
	for (const node of nodes) {
		const name = textOf(node);
		if (node !== undefined && name !== undefined) {
			if (seen.has(name)) {
				report(node, `${what} "${name}" occurs twice here`);
			}
			seen.add(name);
		}
	}
};

const checkSteps = (procedure: TreeNode, scripts: ReadonlySet<string>, report: Report): void => {
	const interrupts = child(procedure, 'interrupts');
	if (interrupts?.kind === 'map') {
		exactlyOne(interrupts, 'list of interruptions', scriptKinds, [], report);
		mustName(child(interrupts, 'script'), 'script', scripts, report);
	}
	const lists = [
		{ key: 'preconditions', what: 'precondition', kinds: scriptKinds, other: ['id', 'title', 'once'] },
		{ key: 'previews', what: 'preview', kinds: scriptKinds, other: ['title', 'choice'] },
		{ key: 'steps', what: 'step', kinds: stepKeys, other: ['id', 'title', 'summary', 'timeout', 'mayFail'] },
	];
	for (const { key, what, kinds, other } of lists) {
		const items = itemsOf(child(procedure, key));
		for (const item of items) {
			exactlyOne(item, what, kinds, other, report);
			mustName(child(item, 'script'), 'script', scripts, report);
		}
		unique(
			items.map((item) => child(item, 'id')),
			`${what} id`,
			report,
		);
	}
	for (const step of itemsOf(child(procedure, 'steps'))) {
		for (const kind of Object.values<StepKindDefinition>(stepKinds)) {
			kind.check?.(step, scripts, tools, report);
		}
	}
};

/** Checks the keys that only a deployment has. */
const checkDeployment = (procedure: TreeNode, procedures: ReadonlySet<string>, report: Report): void => {
	const isDeployment = textOf(child(procedure, 'kind')) === 'deploy';
	for (const key of ['checklist', 'guard']) {
		const node = child(procedure, key);
		if (node !== undefined && !isDeployment) {
			report(node, `only a procedure with "kind: deploy" has ${key}`);
		}
	}
	mustName(child(procedure, 'checklist'), 'procedure', procedures, report);
	const point = child(procedure, 'restorePoint');
	if (isDeployment && point?.kind === 'scalar' && point.value === false) {
		report(point, 'a deployment saves a restore point: without one it could not be undone');
	}
	if (isDeployment && textOf(child(procedure, 'risk')) === 'read-only') {
		report(child(procedure, 'risk') ?? procedure, 'a deployment changes something: its risk is not read-only');
	}
};

const checkInput = (input: TreeNode, name: string, variables: ReadonlySet<string>, report: Report): void => {
	if (variables.has(name)) {
		report(child(input, 'name') ?? input, `input "${name}" has the name of a variable`);
	}
	const known = ['name', 'title', 'type', 'preset'];
	const keys = keysOf(input);
	if (input.kind === 'map' && [...keys].every((key) => known.includes(key))) {
		report(input, 'an input has choices, resolve, or both');
	}
};

/** True for a procedure that is removed from the menu. */
export const isDisabled = (procedure: TreeNode): boolean => {
	const node = child(procedure, 'disabled');
	return node?.kind === 'scalar' && node.value === true;
};

/**
 * Checks what a schema cannot express: names refer to something, nothing is duplicated, an element is of one kind. It works on the
 * tree, not on validated values, so that it also works beside other mistakes.
 */
export const checkReferences = (root: TreeNode, problems: Problem[]): void => {
	const report: Report = (node, message) => {
		if (isBroken(node)) {
			return;
		}
		problems.push(problemAt(node.kind === 'scalar' ? valuePlace(node) : placeOf(node), message));
	};
	const checks = keysOf(child(root, 'checks'));
	const scripts = keysOf(child(root, 'scripts'));
	const inputs = keysOf(child(root, 'inputs'));
	const variables = keysOf(child(root, 'variables'));
	const procedures = keysOf(child(root, 'procedures'));

	for (const [, check] of entriesOf(child(root, 'checks'))) {
		checkKinds[textOf(child(check, 'kind')) ?? '']?.check?.(check, scripts, tools, report);
	}
	const version = nodeAt(root, ['checks', 'version']);
	if (version !== undefined) {
		problems.push(problemAt(placeOf(version), 'the check "version" is added by the program; choose another id'));
	}
	for (const [name, input] of entriesOf(child(root, 'inputs'))) {
		checkInput(input, name, variables, (node, message) => problems.push(problemAt(placeOf(node), message)));
	}
	const verified = itemsOf(nodeAt(root, ['verification', 'checks']));
	for (const node of verified) {
		mustName(node, 'check', checks, report);
	}
	unique(verified, 'check', report);
	unique(
		itemsOf(nodeAt(root, ['monitors', 'health'])).map((monitor) => child(monitor, 'name')),
		'health monitor',
		report,
	);
	for (const node of itemsOf(child(root, 'links'))) {
		if (node.kind === 'map' && !node.entries.has('url') && !node.entries.has('text')) {
			report(node, 'a link has a url, a text, or both');
		}
	}
	const silence = child(root, 'silence');
	const alerts = nodeAt(root, ['monitors', 'alerts']);
	if (silence?.kind === 'map' && !silence.entries.has('url') && alerts?.kind !== 'map') {
		report(silence, 'a silence needs the url of an Alertmanager, here or in monitors.alerts');
	}
	for (const node of itemsOf(child(root, 'order'))) {
		mustName(node, 'procedure', procedures, report);
	}
	unique(itemsOf(child(root, 'order')), 'procedure', report);
	const endpoints = new Set(
		itemsOf(nodeAt(root, ['monitors', 'health'])).flatMap((monitor) => textOf(child(monitor, 'name')) ?? []),
	);
	const verifiedIds = verified.length === 0 ? checks : new Set(verified.flatMap((node) => textOf(node) ?? []));
	for (const node of itemsOf(child(root, 'suggestions'))) {
		mustName(child(node, 'procedure'), 'procedure', procedures, report);
		mustName(nodeAt(node, ['when', 'failed']), 'check', verifiedIds, report);
		mustName(nodeAt(node, ['when', 'evidence', 'check']), 'check', verifiedIds, report);
		mustName(nodeAt(node, ['when', 'body', 'endpoint']), 'health monitor', endpoints, report);
		const error = nodeAt(node, ['when', 'error']);
		if (error !== undefined && child(nodeAt(root, ['monitors']), 'log') === undefined) {
			report(error, 'no log is watched: set monitors.log');
		}
		const when = child(node, 'when');
		if (when?.kind === 'map' && when.entries.size === 0) {
			report(when, `a condition has at least one of: ${conditionKinds.join(', ')}`);
		}
	}
	for (const [, procedure] of entriesOf(child(root, 'procedures'))) {
		if (isDisabled(procedure)) {
			continue;
		}
		checkSteps(procedure, scripts, report);
		checkDeployment(procedure, procedures, report);
		const own = new Set<string>();
		const named: (TreeNode | undefined)[] = [];
		for (const node of itemsOf(child(procedure, 'inputs'))) {
			mustName(node, 'input', inputs, report);
			const nameNode = node.kind === 'map' ? child(node, 'name') : node;
			const name = textOf(nameNode);
			named.push(nameNode);
			if (name !== undefined) {
				own.add(name);
				if (node.kind === 'map') {
					checkInput(node, name, variables, report);
				}
			}
		}
		unique(named, 'input', report);
		mustName(nodeAt(procedure, ['expects', 'commit']), 'input', own, report);
		mustName(nodeAt(procedure, ['expects', 'image']), 'input', own, report);
		for (const node of itemsOf(child(procedure, 'previews'))) {
			mustName(child(node, 'choice'), 'input', own, report);
		}
		const verify = itemsOf(child(procedure, 'verify'));
		for (const node of verify) {
			mustName(node, 'check', checks, report);
		}
		unique(verify, 'check', report);
	}
};
