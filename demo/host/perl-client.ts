/**
 * The `docker` command of the demo host in Perl: does exactly what command/client.ts does, in a fifth of the time, for a
 * procedure runs it some fifty times. Perl is there wherever git is, nearly. Arguments: the socket, the folder, then those of `docker`.
 */
export const perlClient = `use strict;
use Socket;
$SIG{PIPE} = 'IGNORE';
binmode($_) for (*STDIN, *STDOUT, *STDERR);
my ($path, $folder, @args) = @ARGV;
sub gone {
	print STDERR "Cannot connect to the Docker daemon: the demo has ended. Is the docker daemon running?\\n";
	exit 1;
}
sub put {
	my ($to, $bytes) = @_;
	while (length $bytes) {
		my $wrote = syswrite($to, $bytes);
		return 0 if !defined $wrote;
		substr($bytes, 0, $wrote) = '';
	}
	return 1;
}
socket(my $socket, PF_UNIX, SOCK_STREAM, 0) or gone();
connect($socket, sockaddr_un($path)) or gone();
sub frame { my ($kind, $payload) = @_; return pack('CN', $kind, length $payload) . $payload; }
my $request = join("\\0", $folder, scalar(@args), @args, map { "$_=$ENV{$_}" } keys %ENV);
put($socket, frame(0, $request)) or gone();
my ($pending, $reading) = ('', 0);
while (1) {
	my $wanted = '';
	vec($wanted, fileno($socket), 1) = 1;
	vec($wanted, fileno(STDIN), 1) = 1 if $reading;
	next if select($wanted, undef, undef, undef) < 0;
	if ($reading and vec($wanted, fileno(STDIN), 1)) {
		my $count = sysread(STDIN, my $bytes, 65536);
		if ($count) { put($socket, frame(5, $bytes)) or gone(); }
		else { put($socket, frame(6, '')); $reading = 0; }
	}
	next if !vec($wanted, fileno($socket), 1);
	sysread($socket, my $bytes, 65536) or gone();
	$pending .= $bytes;
	while (length $pending >= 5) {
		my ($kind, $length) = unpack('CN', $pending);
		last if length $pending < 5 + $length;
		my $payload = substr($pending, 5, $length);
		substr($pending, 0, 5 + $length) = '';
		if ($kind == 1) { put(*STDOUT, $payload) or exit 141; }
		elsif ($kind == 2) { put(*STDERR, $payload); }
		elsif ($kind == 3) { exit unpack('C', $payload); }
		elsif ($kind == 4) { $reading = 1; }
	}
}
`;
