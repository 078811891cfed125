"""Exit 0 when /health answers 200. Plain sockets: it runs every two seconds."""

import socket
import sys

with socket.create_connection(("127.0.0.1", 8080), 2) as connection:
    connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
    answer = b"".join(iter(lambda: connection.recv(4096), b""))
    sys.exit(0 if b" 200 " in answer.split(b"\r\n")[0] else 1)
