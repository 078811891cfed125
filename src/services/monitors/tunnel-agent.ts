import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';
import type { Host } from '../host/host.ts';

/** TLS inside the connections of another agent; made per host and kept, so that its connections are kept too. */
class TunnelAgent extends Agent {
	readonly #inner: Host['tcpAgent'];

	constructor(inner: Host['tcpAgent']) {
		super({ keepAlive: true, maxSockets: 4 });
		this.#inner = inner;
	}

	override createConnection(options: Parameters<Agent['createConnection']>[0]): Duplex {
		const socket = this.#inner.createConnection(options) as Duplex;
		return connect({ ...(options as ConnectionOptions), socket });
	}
}

const tunnels = new WeakMap<Host, TunnelAgent>();

/** The agent for HTTPS to what the host reaches. */
export const tunnelOf = (host: Host): Agent => {
	const tunnel = tunnels.get(host) ?? new TunnelAgent(host.tcpAgent);
	tunnels.set(host, tunnel);
	return tunnel;
};
