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

/** A row for each field, those of its parts below it: `checks[].id`. */
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

/** docs/json.md: what `--json` prints, from the schemas that the program's own output is typed by. */
export const jsonPage = (): string => `# JSON output

Every command that shows something takes \`--json\`. It then writes to standard output nothing but NDJSON: one JSON object a line, each
with a \`type\`. What else there is to say goes to standard error. Nothing in it can steer a terminal; secrets are masked.
\`report --format json\` prints one document of its own, described by \`schema/report.schema.json\`.

\`\`\`sh
backout verify --wait 5m --json | jq -r 'select(.type == "verdict") | .checks[] | "\\(.id) \\(.state)"'
backout run rollback-commit --yes --reason 'health fails' --json | jq -r 'select(.type == "end")'
\`\`\`

## What you can rely on

- Fields and types of lines are only added. What is there keeps its name, its type and its meaning; a field that is not optional
  stays. So read what you know, and pass over fields and lines that you do not. Words in lists of choices (\`state\`, \`code\`) may be added.
- A field that has no value is left out, unless it says \`null\`. Times are milliseconds since the epoch, UTC.
- The exit code says how it ended (\`backout --help\`); a script need not parse anything for that. Where a command fails, its last line
  is an [\`error\`](#error); \`run\`, \`attach\`, \`undo\` and \`retry\` end with [\`end\`](#end), or with an \`error\` where they got no further.
- \`schema/output.schema.json\` is the JSON Schema of a line, exact for the version it came with. Output of the tests is checked
  against it, and a field that it does not have is a failure.

## What each command prints

Any of them may print \`error\`.

| command | lines |
| --- | --- |
${Object.entries(linesOfCommands).map(commandRow).join('\n')}

## The lines

${Object.entries(lineSchemas()).map(section).join('\n')}`;
