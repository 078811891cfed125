import { scalar } from '../../../runbook/yaml-text.ts';
import type { TargetFacts } from '../../../services/survey/engine-survey.ts';
import { configBegin, sshLines, sudoLines, targetEnd } from '../../docker/config-text.ts';

/** Returns the lines for the program that calls Compose, which the containers cannot show, as the env file that it made is gone. */
const commandLines = ({ command }: Pick<TargetFacts, 'command'>): string => {
	if (command === undefined) {
		return '';
	}
	const key = `compose: { command: ${scalar(command.path)} }`;
	return command.passesOn
		? `    # The containers were made with an env file that is gone. This program calls Compose, and gives its arguments on: it is
    # called in place of \`docker compose\`. Take it away if it does anything else.
    ${key}
`
		: `    # The containers were made with an env file that is gone: some program made it. If it is this one, and it gives its
    # arguments on to \`docker compose\`, take the # away:
    # ${key}
`;
};

/** Returns the text of a config with one target. */
export const writeConfig = (target: TargetFacts): string => `${configBegin}
targets:
  ${scalar(target.name)}:
    # [user@]host[:port], a Host of ~/.ssh/config, or \`local\` for this machine without SSH.
    host: ${scalar(target.host)}
${
	target.hasFolder
		? "    # The folder of the Compose project on the host, and the project's name."
		: '    # The folder that the containers were made in, inside the tool that manages the stack; and its project.'
}
    directory: ${scalar(target.directory)}
    project: ${scalar(target.project)}
${commandLines(target)}${sudoLines(target)}    runbook: ${scalar(target.runbook)}
${sshLines(target, '    # As in ssh, where they differ from its own: identityFile, knownHosts, sshConfig, jump.\n')}${targetEnd}`;
