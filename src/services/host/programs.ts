import { quote } from '../../runbook/shell-quote.ts';
import nextProgram from './next-program.sh';
import makePodmanProgram from './podman.sh';
import podmanProgram from './podman-program.sh';
import findPrograms from './programs.sh';
import makeSudoProgram from './sudo.sh';
import sudoProgram from './sudo-program.sh';

/** The locations of a host's programs, as far as the config names them. */
export interface ProgramPlaces {
	/** Folders that are searched before PATH; absolute. */
	readonly path?: readonly string[];
	/** The address of the engine, in the form of its own commands: `unix:///run/user/1000/docker.sock`. */
	readonly engineHost?: string;
	/** True when the engine may be used only through sudo. */
	readonly sudo?: boolean;
}

/** Returns the text of a program that precedes another one of its name in PATH; `script` calls that one as `$program`. */
export const programBefore = (script: string): string => ['#!/bin/sh', nextProgram, script].join('\n');

/** The program's text without comments and indentation, which precedes every script. */
const podmanText = podmanProgram
	.split('\n')
	.filter((line, at) => at < 2 || !/^\s*(#|$)/.test(line))
	.map((line) => line.replace(/^\t+/, ''))
	.join('\n');
const podmanParts = [`backout_podman_program=${quote(podmanText)}`, makePodmanProgram];

/** Returns the shell before every script: see programs.sh, podman.sh and sudo.sh. */
export const programsPrelude = (places?: ProgramPlaces): string =>
	[
		findPrograms,
		...podmanParts,
		...(places?.sudo === true
			? [`backout_sudo_program=${quote(programBefore(sudoProgram).trimEnd())}`, makeSudoProgram]
			: []),
	].join('\n');

/** Returns the variables that it reads, as shell variables. */
export const programVariables = ({
	path = [],
	engineHost = '',
	sudo = false,
}: ProgramPlaces = {}): Readonly<Record<string, string>> => ({
	backout_path: path.join(':'),
	backout_engine_host: engineHost,
	backout_sudo: sudo ? '1' : '',
});

/** The same on one line, for a constant script whose first arguments are those of `programArguments`. */
export const programsLine: string = [
	'backout_path=$1',
	'backout_engine_host=$2',
	'backout_sudo=$3',
	...findPrograms.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
].join('; ');

/**
 * Returns the arguments for `programsLine`, quoted for every login shell. Throws a TypeError for text that not every shell preserves
 * inside single quotes; the schema of the config excludes it.
 */
export const programArguments = (places?: ProgramPlaces): string => {
	const values = Object.values(programVariables(places));
	if (values.some((value) => /['\\!\n]/.test(value))) {
		throw new TypeError('not a path for every login shell');
	}
	return values.map(quote).join(' ');
};

/** Returns a command that runs a constant command, such as `docker system dial-stdio`, with the host's programs. */
export const withPrograms = (command: string, places?: ProgramPlaces): string =>
	`exec sh -c '${programsLine}; exec ${command}' sh ${programArguments(places)}`;
