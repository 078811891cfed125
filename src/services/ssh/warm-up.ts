import type { Sessions } from './sessions.ts';
import type { SshClient } from './ssh-client.ts';

/**
 * Starts a first session. sshd sets TCP_NODELAY only then: without it every forwarded request waits 40 ms. Nobody waits for
 * this, as what is asked later comes to the server later. Whoever waited for the link has mostly begun a session by now.
 */
export const warmUp = (client: SshClient, sessions: Sessions): void => {
	if (sessions.used) {
		return;
	}
	try {
		client.exec('exit 0', (error, channel) => {
			if (!error) {
				channel.resume();
				channel.stderr.resume();
				channel.end();
			}
		});
	} catch {
		// The connection is lost, which others tell.
	}
};
