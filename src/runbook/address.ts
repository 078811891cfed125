/** Reads `HOST:PORT`; an IPv6 address is in brackets. Throws what is wrong with it, in words for the operator. */
export const parseAddress = (value: string): { readonly host: string; readonly port: number } => {
	const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(value) ?? [];
	const [host, port] = [bracketed ?? plain, Number(digits)];
	if (host === undefined) {
		throw new Error('expected HOST:PORT, such as 127.0.0.1:5432 or [::1]:5432');
	}
	if (port < 1 || port > 65_535) {
		throw new Error('a port is from 1 to 65535');
	}
	return { host, port };
};
