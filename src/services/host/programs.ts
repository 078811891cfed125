import { quote } from '../../runbook/shell-quote.ts';
import nextProgram from './next-program.sh';
import findPrograms from './programs.sh';
import makeSudoProgram from './sudo.sh';
import sudoProgram from './sudo-program.sh';

/** Where the programs of a host are, as far as the config says it. */
export interface ProgramPlaces {
	/** Folders that are searched before PATH; absolute. */
	readonly path?: readonly string[];
	/** Where the engine is, as its own commands take it: `unix:///run/user/1000/docker.sock`. */
	readonly engineHost?: string;
	/** The engine may be used by sudo alone. */
	readonly sudo?: boolean;
}

/** The text of a program that stands before another one of its name in PATH; `script` calls that one as `$program`. */
export const programBefore = (script: string): string => ['#!/bin/sh', nextProgram, script].join('\n');

/** Comes before every script: see programs.sh, and sudo.sh. */
export const programsPrelude = (places?: ProgramPlaces): string =>
	places?.sudo === true
		? [findPrograms, `backout_sudo_program=${quote(programBefore(sudoProgram))}`, makeSudoProgram].join('\n')
		: findPrograms;

/** What it reads, as variables of the shell. */
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
 * The arguments for `programsLine`, quoted for every login shell. Throws a TypeError for what not every shell keeps inside single quotes;
 * the schema of the config lets none of that in.
 */
export const programArguments = (places?: ProgramPlaces): string => {
	const values = Object.values(programVariables(places));
	if (values.some((value) => /['\\!\n]/.test(value))) {
		throw new TypeError('not a path for every login shell');
	}
	return values.map(quote).join(' ');
};

/** A command that runs a constant command, such as `docker system dial-stdio`, with the programs where they are. */
export const withPrograms = (command: string, places?: ProgramPlaces): string =>
	`exec sh -c '${programsLine}; exec ${command}' sh ${programArguments(places)}`;
