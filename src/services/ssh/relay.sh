# shellcheck shell=sh
# Connects standard input and output to a TCP port or a Unix socket, like an SSH server that forwards connections. First prints, on a line
# of its own, the name of the program that connects. Programs that can give up connecting after a time are preferred: one that hangs while
# it connects would keep its session.
#
# $host, $port: the destination; $port is empty for a Unix socket, whose path is $host. Ends when the other side has closed, or when its
# input ends, which means that backout is gone: some of these programs cannot close one direction alone. If the other side has stopped
# reading, data for it is dropped, and its answer is still read.
connect_seconds=20

has() { command -v "$1" >/dev/null 2>&1; }

if has perl && perl -MSocket=getaddrinfo -e 1 2>/dev/null; then
	echo perl
	# shellcheck disable=SC2016 # The variables are perl's.
	exec perl -e '
		use Socket qw(:DEFAULT getaddrinfo);
		my ($host, $port, $seconds) = @ARGV;
		my ($to, $why);
		$SIG{ALRM} = sub { die "Connection timed out\n" };
		alarm $seconds;
		if ($port eq "") {
			socket($to, PF_UNIX, SOCK_STREAM, 0) && connect($to, pack_sockaddr_un($host)) or die "$!\n";
		} else {
			my ($error, @found) = getaddrinfo($host, $port, { socktype => SOCK_STREAM });
			die "$error\n" if $error;
			for my $one (@found) {
				undef $to;
				socket($to, $one->{family}, $one->{socktype}, $one->{protocol}) && connect($to, $one->{addr}) and $why = undef, last;
				$why = "$!";
			}
			die "$why\n" if defined $why;
		}
		alarm 0;
		$SIG{PIPE} = "IGNORE";
		# Copies until the end of what comes; false when the rest cannot be written.
		sub copy {
			my ($from, $into) = @_;
			while (1) {
				my $length = sysread($from, my $bytes, 65536);
				next if !defined $length && $!{EINTR};
				return 1 if !$length;
				for (my $at = 0; $at < $length;) {
					my $wrote = syswrite($into, $bytes, $length - $at, $at);
					next if !defined $wrote && $!{EINTR};
					return 0 if !defined $wrote;
					$at += $wrote;
				}
			}
		}
		my $reader = $$;
		my $writer = fork;
		die "$!\n" if !defined $writer;
		if (!$writer) {
			open STDOUT, ">", "/dev/null";
			open STDERR, ">", "/dev/null";
			open my $nowhere, ">", "/dev/null";
			copy(\*STDIN, $to) or copy(\*STDIN, $nowhere);
			kill "TERM", $reader if getppid == $reader;
			exit;
		}
		copy($to, \*STDOUT);
		kill "TERM", $writer;
	' "$host" "$port" "$connect_seconds"
elif has python3; then
	echo python3
	exec python3 -c '
import os, signal, socket, sys

host, port, seconds = sys.argv[1:]
try:
    if port == "":
        to = socket.socket(socket.AF_UNIX)
        to.connect(host)
    else:
        to = socket.create_connection((host, int(port)), int(seconds))
except (socket.timeout, TimeoutError):
    sys.exit("Connection timed out")
except OSError as error:
    sys.exit(error.strerror or str(error))
to.settimeout(None)
there = to.fileno()


def copy(source, into):
    while True:
        data = memoryview(os.read(source, 65536))
        if not data:
            return
        while data:
            data = data[os.write(into, data):]


reader = os.getpid()
writer = os.fork()
nowhere = os.open(os.devnull, os.O_WRONLY)
if writer == 0:
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        copy(0, there)
    except OSError:
        copy(0, nowhere)
    if os.getppid() == reader:
        os.kill(reader, signal.SIGTERM)
    os._exit(0)
try:
    copy(there, 1)
except OSError:
    pass
os.kill(writer, signal.SIGTERM)
' "$host" "$port" "$connect_seconds"
elif [ -n "$port" ] && has bash; then
	echo bash
	# The writer holds neither output open, so the session is over when the other side has closed.
	# shellcheck disable=SC2016 # The variables are those of the inner shell.
	exec bash --norc -c '
		exec 3<>"/dev/tcp/$1/$2" || exit 1
		cat <&3 3>&- &
		reader=$!
		{ cat || cat >/dev/null; kill "$reader"; } <&0 >&3 2>/dev/null &
		writer=$!
		exec 3>&-
		wait "$reader" 2>/dev/null
		kill "$writer" 2>/dev/null
		exit 0
	' bash "$host" "$port"
elif has socat; then
	echo socat
	if [ -n "$port" ]; then
		exec socat - "TCP:$host:$port,connect-timeout=$connect_seconds"
	fi
	exec socat - "UNIX-CONNECT:$host"
elif [ -n "$port" ] && has busybox; then
	echo busybox
	exec busybox nc -w "$connect_seconds" "$host" "$port"
elif [ -n "$port" ] && has nc; then
	echo nc
	exec nc "$host" "$port"
fi
if [ -n "$port" ]; then
	echo 'the SSH server forwards nothing, and the host has no perl, python3, bash, socat, busybox or nc to reach a port by' >&2
else
	echo 'the SSH server forwards no sockets, and the host has no perl, python3 or socat to reach one by' >&2
fi
exit 127
