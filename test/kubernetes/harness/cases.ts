import { expect } from 'vitest';
import { withOneInput } from '../../helpers/follow-suggestion.ts';
import { image } from '../../nodes/images.ts';
import type { Deployment, Settings } from './deployment.ts';

/** What goes wrong with web, and how an operator gets from the alarm to the verdict. */
export interface Case {
	readonly name: string;
	/** What goes wrong after a good deployment. */
	readonly bad: Settings;
	/** What `status` says of it. */
	readonly alarm: RegExp;
	/** The way by one command. */
	readonly run: readonly string[];
	/** The way by the screen: what it says, what it suggests and why, and what the plan says. */
	readonly screen: {
		readonly said: RegExp;
		readonly suggested: string;
		readonly why: RegExp;
		readonly plan: RegExp;
		readonly keys: readonly string[];
	};
	/** Whether the deployment before was noted by the checklist, with its ConfigMap. */
	readonly noted?: boolean;
}

/** Its progress deadline is over before an operator has read the screen. */
export const takenBack = {
	suggested: 'Take a stuck rollout back',
	why: /a rollout goes no further/,
	keys: withOneInput,
};

export const cases: readonly Case[] = [
	{
		name: 'a bad image',
		bad: { web: 'none' },
		alarm: /Converged: failed, web: .*0 of 2 run as specified/,
		run: ['rollback-revision'],
		screen: {
			...takenBack,
			said: /web-\S+: ErrImageNeverPull/,
			plan: /then +containers\[web\]\.image "backout-test\/app:1"/,
		},
	},
	{
		name: 'a crash loop',
		bad: { web: 'bad' },
		alarm: /web +restarting .*app:bad/,
		run: ['take-back-rollout', '--input', 'stuck=web'],
		screen: {
			...takenBack,
			said: /web-\S+: exit code 1, restarted/,
			plan: /then +containers\[web\]\.image "backout-test\/app:1"/,
		},
	},
	{
		name: 'a failed probe',
		bad: { web: '2', probe: '/missing' },
		alarm: /Converged: failed, web: .*0 of 2 run as specified/,
		run: ['rollback-revision'],
		screen: {
			...takenBack,
			said: /web: its new pod web-\S+ runs and is not ready \(Readiness probe failed\)/,
			plan: /then +containers\[web\]\.readinessProbe\.exec\.command\.2 "\/app\.sh"/,
		},
	},
	{
		name: 'a bad ConfigMap, edited in place',
		bad: { mode: 'wrong', note: 'second' },
		alarm: /web +restarting/,
		run: ['rollback-all'],
		screen: {
			keys: withOneInput,
			// Taking the rollout back would be verified, and leave the ConfigMap to the next pod.
			suggested: 'Roll back the whole deployment',
			why: /a ConfigMap or Secret was changed.*its configmap settings has another content than in the last good deployment, in mode/,
			said: /web: its configmap settings has another content than in the last good deployment, in mode/,
			plan: /configmap settings has another content than then, in mode/,
		},
		noted: true,
	},
];

/** Makes a deployment that is well before one of the cases. Returns what judges it afterwards: what kubectl says of it. */
export const judgeOf = async (deployment: Deployment): Promise<() => Promise<void>> => {
	const others = async () =>
		(await deployment.pods()).filter(({ workload }) => workload !== 'web').map(({ name }) => name);
	const before = await others();
	return async () => {
		await deployment.runs('web', [image('1'), image('1')]);
		const read = (path: string) => deployment.kubectl('get', 'deployment', 'web', '-o', `jsonpath={${path}}`);
		expect(await read('.spec.template.metadata.annotations.note')).toBe('first');
		expect(await read('.spec.template.spec.containers[0].image')).toBe(image('1'));
		expect(await read('.spec.template.spec.containers[0].readinessProbe.exec.command[2]')).toBe('/app.sh');
		expect(await deployment.kubectl('get', 'configmap', 'settings', '-o', 'jsonpath={.data.mode}')).toBe('right');
		// Nobody has touched the others.
		expect(await others()).toEqual(before);
	};
};
