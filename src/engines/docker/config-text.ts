import { indented, scalar } from '../../runbook/yaml-text.ts';
import type { TargetFacts } from '../../services/survey/engine-survey.ts';

/** The beginning of a config that `init` writes. */
export const configBegin =
	'# Which hosts there are, and how they are reached. `backout check` says whether it is right.\n';

/** Returns the lines of a target whose Docker needs sudo; else an empty text. */
export const sudoLines = ({ sudo }: Pick<TargetFacts, 'sudo'>): string =>
	sudo === true ? '    # Docker answers this login by sudo alone.\n    sudo: true\n' : '';

/** Returns the lines of a target for what was given as to ssh; `otherwise` if nothing was. */
export const sshLines = (target: TargetFacts, otherwise: string): string => {
	const own = (['identityFile', 'knownHosts', 'sshConfig', 'jump'] as const)
		.filter((key) => target[key] !== undefined)
		.map((key) => `${key}: ${scalar(target[key] ?? '')}`);
	return own.length === 0 ? otherwise : `    # As in ssh: -i, UserKnownHostsFile, -F and -J.\n${indented(own, '    ')}`;
};

/** The end of a target. */
export const targetEnd = `    # Shown beside the host everywhere, so that nobody takes one target for another.
    # badge: production
    # Nothing may be changed there:
    # readOnly: true
`;
