import type { CommandSpec, OptionSpec } from './tree.ts';

/** Escapes text for roff: backslashes, and control characters at the start of a line (groff(7)). */
const roff = (text: string): string =>
	text
		.replaceAll('\\', '\\e')
		.replaceAll('-', '\\-')
		.split('\n')
		.map((line) => (/^[.']/.test(line) ? `\\&${line}` : line))
		.join('\n');

// After the dots of a repeated argument, `\\&` keeps roff from ending a sentence, with two spaces.
const usage = ({ name, args, repeats, options }: CommandSpec): string =>
	[
		`.B backout ${roff(name)}`,
		...(args.length === 0 ? [] : [`.I ${roff(args.join(' '))}${repeats === true ? '...\\&' : ''}`]),
		...(options.length === 0 ? [] : ['[options]']),
	].join('\n');

const optionLines = ({ long, value, choices, description }: OptionSpec): string =>
	`.TP\n.B ${roff(long)}${value === undefined ? '' : ` \\fI${roff(value)}\\fR`}\n${roff(choices === undefined ? description : `${description}: ${choices.join(', ')}`)}`;

/**
 * Returns the manual page in the man macros (man(7)), from the output of `--help`.
 * @param exitCodes one per line
 * @param examples one per line: `  $ backout …`, and its effect
 */
export const manPage = (
	program: CommandSpec,
	{ version, exitCodes, examples }: { readonly version: string; readonly exitCodes: string; readonly examples: string },
): string => `.TH BACKOUT 1 "" "backout ${version}" "User Commands"
.ad l
.nh
.SH NAME
backout \\- ${roff('live state, rollback and proof for a Docker Compose deployment on a host reached by SSH')}
.SH SYNOPSIS
.B backout
[\\fIoptions\\fR] [\\fIcommand\\fR]
.SH DESCRIPTION
${roff(program.description)}
.SH OPTIONS
${program.options.map(optionLines).join('\n')}
.SH COMMANDS
${program.commands
	.map((command) =>
		[
			`.SS "${roff(command.name)}"`,
			usage(command),
			'.PP',
			roff(command.description),
			...command.options.map(optionLines),
		].join('\n'),
	)
	.join('\n')}
.SH EXAMPLES
.nf
${roff(examples)}
.fi
.SH EXIT STATUS
.nf
${roff(exitCodes)}
.fi
.SH FILES
.TP
.I ./backout.yaml, ~/.config/backout/backout.yaml
${roff('The config: the targets, and how to reach them.')}
.TP
.I /var/lib/backout, .backout\\-NAME beside the deployment
${roff('On the host: runs, their output, and what was saved before each.')}
.SH SEE ALSO
.BR ssh (1),
.BR ssh_config (5),
.BR docker (1),
.BR git (1)
`;
