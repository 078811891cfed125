import { existsSync } from 'node:fs';
import { chmod, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

// Programs of a Linux host (util-linux and coreutils) for a machine without them (macOS), in Perl, which it has.

/** flock(1), as the runner uses it: `-n`, `-s`, a descriptor, or a file and a command. */
const flock = `#!/usr/bin/perl
use Fcntl qw(:flock);
my ($mode, $now) = (LOCK_EX, 0);
while (@ARGV and $ARGV[0] =~ /^-/) { $_ = shift; $now = LOCK_NB if /n/; $mode = LOCK_SH if /s/; }
my $what = shift;
if (@ARGV) {
	my $file;
	open($file, '<', $what) or open($file, '>>', $what) or exit 66;
	flock($file, $mode | $now) or exit 1;
	my $code = system { $ARGV[0] } @ARGV;
	exit($code & 127 ? 128 + ($code & 127) : $code >> 8);
}
my $file;
open($file, "<&=$what") or open($file, ">&=$what") or exit 65;
exit(flock($file, $mode | $now) ? 0 : 1);
`;

/**
 * setsid(1). It notes the session in a file that stays locked while any process of it is alive, so that it can be ended with the demo,
 * and no other process is ended that has got its number meanwhile.
 */
const setsid = (sessions: string) => `#!/usr/bin/perl
use POSIX ();
use Fcntl qw(:flock);
$^F = 255;
if (getpgrp() == $$) {
	my $child = fork();
	if ($child) { waitpid($child, 0); exit($? & 127 ? 128 + ($? & 127) : $? >> 8); }
}
POSIX::setsid();
my $note;
open($note, '>', '${sessions}/' . $$) and flock($note, LOCK_EX);
exec { $ARGV[0] } @ARGV or exit 127;
`;

/** timeout(1): a duration in seconds, `-k` seconds, `-s` a signal. */
const timeout = `#!/usr/bin/perl
my ($kill, $first) = (undef, 'TERM');
while (@ARGV and $ARGV[0] =~ /^-/) { $_ = shift; $kill = shift if $_ eq '-k'; $first = shift if $_ eq '-s'; }
my $limit = shift;
$limit =~ s/^([0-9.]+)m$/$1 * 60/e; $limit =~ s/^([0-9.]+)h$/$1 * 3600/e; $limit =~ s/s$//;
my $child = fork();
if ($child == 0) { exec { $ARGV[0] } @ARGV or exit 127; }
my $over = 0;
$SIG{ALRM} = sub { if ($over) { kill 'KILL', $child } else { $over = 1; kill $first, $child; alarm($kill) if $kill } };
$SIG{TERM} = sub { kill 'TERM', $child };
alarm($limit < 1 ? 1 : $limit);
waitpid($child, 0) until $? != -1 and !kill(0, $child);
exit 124 if $over;
exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
`;

/** stat(1) with \`-c\`, as GNU writes it. */
const stat = `#!/usr/bin/perl
my ($format, $follow) = ('', 0);
while (@ARGV and $ARGV[0] =~ /^-/) {
	$_ = shift;
	last if $_ eq '--';
	$follow = 1 if $_ eq '-L';
	$format = shift if $_ eq '-c';
}
my $code = 0;
for my $file (@ARGV) {
	my @s = $follow ? stat($file) : lstat($file);
	if (!@s) { print STDERR "stat: cannot statx '$file': No such file or directory\\n"; $code = 1; next; }
	my %of = (s => $s[7], Y => $s[9], u => $s[4], g => $s[5], i => $s[1], n => $file, a => sprintf('%o', $s[2] & 07777));
	my $text = $format;
	$text =~ s/%([sYuginaUG])/$1 eq 'U' ? (getpwuid($s[4]))[0] : $1 eq 'G' ? (getgrgid($s[5]))[0] : $of{$1}/ge;
	print "$text\\n";
}
exit $code;
`;

/** sed(1) of BSD knows neither \`\\t\` nor \`\\|\` of GNU: they are put in other words. */
const sed = `#!/usr/bin/perl
my $extended = 0;
for (@ARGV) {
	if (/\\\\\\|/) {
		s/(\\\\[(){}|]|[(){}|])/length($1) == 2 ? substr($1, 1) : "\\\\$1"/ge;
		$extended = 1;
	}
	s/\\\\t/\\t/g;
}
exec '/usr/bin/sed', ($extended ? ('-E') : ()), @ARGV;
`;

/** readlink(1) with \`-f\`, which macOS has only since 12.3. */
const readlink = `#!/usr/bin/perl
use Cwd ();
use File::Basename ();
my $real = 0;
while (@ARGV and $ARGV[0] =~ /^-/) { $_ = shift; $real = 1 if /f/; }
if (!$real) {
	my $to = readlink($ARGV[0]);
	exit 1 if !defined $to;
	print "$to\\n";
	exit 0;
}
my $path = Cwd::realpath($ARGV[0]);
if (!defined $path) {
	my $folder = Cwd::realpath(File::Basename::dirname($ARGV[0]));
	exit 1 if !defined $folder;
	$path = $folder . '/' . File::Basename::basename($ARGV[0]);
}
print "$path\\n";
`;

/** date(1) of BSD knows neither `-d` with Docker's time stamps nor `%3N`. */
const date = `#!/usr/bin/perl
use Time::Local ();
use Time::HiRes ();
my $ms = sprintf('%03d', (Time::HiRes::time() * 1000) % 1000);
for (@ARGV) { s/%3N/$ms/g; }
if (@ARGV and $ARGV[0] eq '-d') {
	my ($year, $month, $day, $hour, $minute, $second, $sign, $hours, $minutes) = $ARGV[1] =~
		/^(\\d{4})-(\\d\\d)-(\\d\\d)[T ](\\d\\d):(\\d\\d):(\\d\\d)(?:\\.\\d+)? ?(?:Z|UTC|([+-])(\\d\\d):?(\\d\\d))/ or exit 1;
	exit 1 if $ARGV[2] ne '+%s';
	my $offset = defined $sign ? ($hours * 60 + $minutes) * 60 * ($sign eq '-' ? -1 : 1) : 0;
	print Time::Local::timegm($second, $minute, $hour, $day, $month - 1, $year) - $offset, "\\n";
	exit 0;
}
exec '/bin/date', @ARGV;
`;

/** Returns the path of a program on a PATH; undefined if it is not there. */
export const onPath = (name: string, path: string): string | undefined =>
	path
		.split(delimiter)
		.filter((folder) => folder !== '')
		.map((folder) => join(folder, name))
		.find((file) => existsSync(file));

/** Writes the programs that this machine lacks into a folder, first on the demo host's PATH. `all`: all of them, to test them. */
export const writeShims = async (
	bin: string,
	{ sessions, path, all = false }: { readonly sessions: string; readonly path: string; readonly all?: boolean },
): Promise<void> => {
	const foreign = process.platform !== 'linux';
	const shims: Readonly<Record<string, readonly [text: string, wanted: boolean]>> = {
		flock: [flock, onPath('flock', path) === undefined],
		setsid: [setsid(sessions), foreign || onPath('setsid', path) === undefined],
		timeout: [timeout, onPath('timeout', path) === undefined],
		stat: [stat, foreign],
		sed: [sed, foreign],
		readlink: [readlink, foreign],
		date: [date, foreign],
	};
	// The sh of macOS is bash 3.2, which does not parse everything that POSIX allows (a case within a command substitution).
	const dash = onPath('dash', path);
	if (dash !== undefined && (foreign || all)) {
		await symlink(dash, join(bin, 'sh'));
	}
	const wanted = Object.entries(shims).filter(([, [, want]]) => want || all);
	await Promise.all(
		wanted.map(async ([name, [text]]) => {
			await writeFile(join(bin, name), text);
			await chmod(join(bin, name), 0o755);
		}),
	);
};
