import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestCertificate {
	readonly key: Buffer;
	/** PEM. */
	readonly cert: string;
	/** SHA-256, 64 hexadecimal digits in capitals. */
	readonly fingerprint: string;
	/** Path of the PEM file. */
	readonly path: string;
}

const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' });

/**
 * Makes a certificate for one name; it signs itself unless `issuer` does.
 *
 * @param folder where its files are written
 */
export const makeCertificate = (
	folder: string,
	name: string,
	{ days = 2, issuer }: { readonly days?: number; readonly issuer?: TestCertificate & { readonly name: string } } = {},
): TestCertificate & { readonly name: string } => {
	const [key, path] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
	const signer = issuer === undefined ? [] : ['-CA', issuer.path, '-CAkey', join(folder, `${issuer.name}.key`)];
	const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
	const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', String(days)];
	openssl('req', '-x509', ...kind, '-keyout', key, '-out', path, ...subject, ...signer);
	const cert = readFileSync(path, 'utf8');
	const fingerprint = new X509Certificate(cert).fingerprint256.replaceAll(':', '');
	return { name, key: readFileSync(key), cert, fingerprint, path };
};
