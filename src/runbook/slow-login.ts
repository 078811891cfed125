/** Describes startup files that take this long, ms. */
export const slowLogin = (ms: number): string =>
	`the login's startup files take ${Math.round(ms / 1000)} s: every command waits for them`;

/** The operator's next move about slow startup files. */
export const slowLoginNext =
	'Look on the host at ~/.bashrc, ~/.profile, /etc/profile.d and ~/.ssh/rc for what waits (sleep, a network drive, a version manager), and leave them early where nobody types: `case $- in *i*) ;; *) return ;; esac`. Or is the host very busy?';
