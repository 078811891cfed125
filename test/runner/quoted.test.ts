import { afterEach, beforeEach, expect, test } from 'vitest';
import { composeShell } from '../../src/engines/compose/shell.ts';
import { defaultRunLimits } from '../../src/runbook/run-limits.ts';
import { maskSecrets } from '../../src/runbook/secrets.ts';
import { runFiles } from '../../src/services/runner/client/run-folder.ts';
import { startProgram } from '../../src/services/runner/client/start-run.ts';
import { type Deployment, makeDeployment, step, who } from './fixture.ts';

let deployment: Deployment;
beforeEach(() => {
	deployment = makeDeployment();
});
afterEach(() => deployment.remove());

// The effect of such text is tested in run.test.ts and in test/security; here, that it is quoted in exactly this way.
test('the environment of a run is quoted, one assignment a line', () => {
	const plan = deployment.plan([], { environment: { message: `it's $(id)\n"twice"` } });
	expect(
		runFiles({ plan, who, reason: maskSecrets(''), limits: defaultRunLimits, shell: composeShell }).get('environment'),
	).toBe(
		[
			`message='it'\\''s $(id)`,
			`"twice"'`,
			`directory='${deployment.directory}'`,
			"project='app'",
			// The names that Compose does not get: a deployment may have variables of the same names.
			"backout_given='message directory project'; export backout_given",
			'export message directory project',
			'',
		].join('\n'),
	);
});

test('a script goes to the host as one quoted word, and so does its name', () => {
	const plan = deployment.plan([step("it's", `echo "it's"`)]);
	const program = startProgram('mark', '20261122T203501Z-3fa9c1', {
		shell: composeShell,
		plan,
		who,
		reason: "it's needed",
	});
	expect(program).toContain(`put 'steps/01-it-s.sh' '. "\${0%/*}/../library.sh"\n\necho "it'\\''s"\n'\n`);
	expect(program).toContain(`"reason":"it'\\''s needed"`);
});
