import { linesOfCommands, type OutputType } from './events.ts';
import { type Json, lineSchemas, type Members } from './schema.ts';

const members = (value: Json): Members => (value ?? {}) as Members;

const typeWords = (schema: Members): string => {
	if (schema.const !== undefined) {
		return `\`${String(schema.const)}\``;
	}
	if (Array.isArray(schema.enum)) {
		return schema.enum.map((one) => `\`${String(one)}\``).join(', ');
	}
	const choices = (schema.anyOf ?? schema.oneOf) as readonly Json[] | undefined;
	if (choices !== undefined) {
		return [...new Set(choices.map((one) => typeWords(members(one))))].join(' or ');
	}
	if (schema.type === 'array') {
		return `list of ${typeWords(members(schema.items))}`;
	}
	const types = Array.isArray(schema.type) ? schema.type : [schema.type];
	return types.map((type) => (type === 'integer' ? 'number' : String(type))).join(' or ');
};

/** Returns a row for each field, with those of its parts below it: `checks[].id`. */
const rows = (schema: Members, path: string): readonly string[] => {
	const required = (schema.required ?? []) as readonly string[];
	return Object.entries(members(schema.properties)).flatMap(([name, each]) => {
		const field = members(each);
		const at = `${path}${name}`;
		const item = field.type === 'array' ? members(field.items) : field;
		const inside = [item, ...((item.oneOf ?? []) as readonly Members[])].flatMap((part) =>
			part.properties === undefined ? [] : rows(part, `${at}${field.type === 'array' ? '[]' : ''}.`),
		);
		const optional = required.includes(name) ? '' : ' (optional)';
		const own = `| \`${at}\` | ${typeWords(field)}${optional} | ${String(field.description ?? '').replaceAll('|', '\\|')} |`;
		return name === 'type' && path === '' ? [] : [own, ...inside];
	});
};

const printedBy = (type: OutputType): string => {
	const commands = Object.entries(linesOfCommands).filter(([, types]) => types.includes(type));
	return type === 'error' ? 'any command' : commands.map(([name]) => `\`${name}\``).join(', ');
};

const section = ([type, schema]: readonly [string, Members]): string =>
	[
		`### \`${type}\``,
		'',
		`${String(schema.description)}. Printed by ${printedBy(type as OutputType)}.`,
		'',
		'| field | type | |',
		'| --- | --- | --- |',
		...new Set(rows(schema, '')),
		'',
	].join('\n');

const commandRow = ([command, types]: readonly [string, readonly OutputType[]]): string =>
	`| \`${command}\` | ${types.map((type) => `[\`${type}\`](#${type})`).join(', ')} |`;

/** Returns docs/json.md: the output of `--json`, from the schemas by which the program's own output is typed. */
export const jsonPage = (): string => `# JSON output

Every command that shows something takes \`--json\`. Standard output is then only NDJSON: one JSON object per line, each with a
\`type\`. Everything else goes to standard error. Nothing in the output can control a terminal, and secrets are masked.
\`report --format json\` prints a single document, described by \`schema/report.schema.json\`.

\`\`\`sh
backout verify --wait 5m --json | jq -r 'select(.type == "verdict") | .checks[] | "\\(.id) \\(.state)"'
backout run rollback-commit --yes --reason 'health fails' --json | jq -r 'select(.type == "end")'
\`\`\`

## What you can rely on

- Fields and types of lines are only added. Existing ones keep their name, type and meaning, and a field that is not optional stays. So
  ignore fields and lines that you do not know. New words may be added to lists of values (\`state\`, \`code\`).
- A field without a value is left out, unless its description says \`null\`. Times are milliseconds since the epoch, UTC.
- The exit code is the result (\`backout --help\`); a script need not parse anything for that. If a command fails, its last line is an
  [\`error\`](#error). \`run\`, \`attach\`, \`undo\` and \`retry\` end with [\`end\`](#end), or with an \`error\` if they did not get that far.
- \`schema/output.schema.json\` is the JSON Schema of a line, exact for its version of backout. The tests check their output against
  it, and fail on a field that it does not have.

## What each command prints

Every command may print \`error\`.

| Command | Lines |
| --- | --- |
${Object.entries(linesOfCommands).map(commandRow).join('\n')}

## Lines

${Object.entries(lineSchemas()).map(section).join('\n')}`;
