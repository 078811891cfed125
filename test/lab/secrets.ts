import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './exec.ts';
import type { Layout } from './layout.ts';
import { owner } from './owner.ts';

/** The settings of a deployment, by their names; secrets are made anew for each lab. */
export function makeSettings(): Record<string, string> {
	const secret = (bytes: number) => randomBytes(bytes).toString('hex');
	return {
		IBKR_USERNAME: 'afpaper01',
		IBKR_PASSWORD: secret(10),
		IBKR_TOTP_KEY: secret(16).toUpperCase(),
		TRADING_MODE: 'Paper Trading',
		VNC_PASSWORD: secret(6),
		MODE: 'paper',
		FORCE_EXECUTION: '0',
		DB_NAME: 'abstractfinance',
		DB_USER: 'postgres',
		DB_PASSWORD: secret(12),
		TELEGRAM_BOT_TOKEN: secret(20),
		TELEGRAM_CHAT_ID: '-1001987654321',
		GRAFANA_USER: 'admin',
		GRAFANA_PASSWORD: secret(10),
	};
}

const secretNames = [
	'IBKR_USERNAME',
	'IBKR_PASSWORD',
	'IBKR_TOTP_KEY',
	'VNC_PASSWORD',
	'DB_PASSWORD',
	'TELEGRAM_BOT_TOKEN',
	'GRAFANA_PASSWORD',
];

/** Writes what a deployment has its settings from into the lab's keep folder: `.env`, or the template and `./dc`. Fills the vault. */
export async function writeSecrets(at: Layout, settings: Record<string, string>): Promise<void> {
	const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
	const text = `# AbstractFinance\n${lines.join('')}`;
	mkdirSync(at.keep, { recursive: true });
	for (const name of ['.env', '.env.backup']) writeFileSync(join(at.keep, name), text, { mode: 0o600 });
	const reference = (name: string) => `op://AbstractFinance/${name.toLowerCase()}/value`;
	const template = Object.entries(settings).map(
		([name, value]) => `${name}=${secretNames.includes(name) ? reference(name) : value}\n`,
	);
	writeFileSync(
		join(at.keep, '.env.template'),
		`# Secrets are in the vault; ./dc asks for them.\n${template.join('')}`,
	);
	writeFileSync(join(at.keep, 'dc'), wrapper(at), { mode: 0o755 });
	mkdirSync(join(at.vault, '..'), { recursive: true });
	const vault = secretNames.map((name) => `${reference(name)}\t${settings[name]}\n`);
	writeFileSync(at.vault, vault.join(''), { mode: 0o640 });
	chownSync(at.vault, 0, Number(await must('id', ['-g', owner])));
}

/** The user's wrapper: resolves the template into a file of its own, hands it to Compose, and leaves nothing. */
const wrapper = (at: Layout) => `#!/bin/bash
# Docker Compose with the secrets of the vault: ./dc up -d, ./dc ps, ...
set -e
cd "$(dirname "\${BASH_SOURCE[0]}")"
VAULT=${at.vault}
ENV_FILE=$(mktemp /tmp/abstractfinance-env.XXXXXX)
trap 'rm -f "$ENV_FILE"' EXIT
[ -r "$VAULT" ] || { echo "Error: the vault cannot be read" >&2; exit 1; }
while IFS= read -r line || [ -n "$line" ]; do
	case $line in
		''|'#'*) ;;
		*=op://*)
			value=$(awk -F '\\t' -v ref="\${line#*=}" '$1 == ref { print $2 }' "$VAULT")
			if [ -n "$value" ]; then
				printf '%s=%s\\n' "\${line%%=*}" "$value" >>"$ENV_FILE"
			else
				echo "Warning: Failed to resolve \${line%%=*} (\${line#*=})" >&2
			fi ;;
		*) printf '%s\\n' "$line" >>"$ENV_FILE" ;;
	esac
done <.env.template
docker compose --env-file "$ENV_FILE" "$@"
`;
