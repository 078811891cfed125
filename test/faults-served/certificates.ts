import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
	readonly key: string;
	readonly cert: string;
}

export interface Certificates {
	/** The authority's own, to be trusted. */
	readonly authority: string;
	readonly good: Certificate;
	readonly wrongName: Certificate;
	readonly expired: Certificate;
	/** A certificate signed by itself, which nobody trusts. */
	readonly unknown: Certificate;
}

/** Makes an authority and certificates for 127.0.0.1, good ones and bad ones, with openssl(1). */
export const makeCertificates = (): Certificates => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-tls-'));
	const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
	const read = (name: string) => readFileSync(join(folder, name), 'utf8');
	const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
	try {
		openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=Test authority', '-days', '3');
		writeFileSync(
			join(folder, 'ca.conf'),
			`[ca]
default_ca = here
[here]
dir = .
database = index
new_certs_dir = .
certificate = ca.crt
private_key = ca.key
serial = serial
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`,
		);
		writeFileSync(join(folder, 'index'), '');
		writeFileSync(join(folder, 'serial'), '01\n');
		const make = (name: string, altName: string, from: string, to: string): Certificate => {
			openssl(
				'req',
				...key,
				'-keyout',
				`${name}.key`,
				'-out',
				`${name}.csr`,
				'-subj',
				`/CN=${name}`,
				'-addext',
				`subjectAltName=${altName}`,
			);
			openssl(
				'ca',
				'-batch',
				'-notext',
				'-config',
				'ca.conf',
				'-in',
				`${name}.csr`,
				'-out',
				`${name}.crt`,
				'-startdate',
				from,
				'-enddate',
				to,
			);
			return { key: read(`${name}.key`), cert: read(`${name}.crt`) };
		};
		openssl(
			'req',
			'-x509',
			...key,
			'-keyout',
			'own.key',
			'-out',
			'own.crt',
			'-subj',
			'/CN=own',
			'-addext',
			'subjectAltName=IP:127.0.0.1',
			'-days',
			'3',
		);
		const [past, yesterday, later] = ['20200101000000Z', '20200102000000Z', '20991231000000Z'];
		return {
			authority: read('ca.crt'),
			good: make('good', 'IP:127.0.0.1', past, later),
			wrongName: make('wrong', 'DNS:elsewhere.example', past, later),
			expired: make('expired', 'IP:127.0.0.1', past, yesterday),
			unknown: { key: read('own.key'), cert: read('own.crt') },
		};
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
};
