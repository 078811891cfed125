"""One connection to the gateway: lines of JSON, read by a thread of its own."""

import json
import queue
import socket
import threading


class Connection:
    """Whoever holds this object holds the connection: when it is forgotten, the connection is closed."""

    def __init__(self, host, port, timeout):
        self.socket = socket.create_connection((host, port), timeout or None)
        self.socket.settimeout(None)
        self.inbox = queue.Queue()
        self.open = threading.Event()
        self.open.set()
        self.sent = 0
        threading.Thread(target=read, args=(self.socket, self.inbox, self.open), daemon=True).start()

    def send(self, **message):
        data = (json.dumps(message) + "\n").encode()
        self.sent += len(data)
        try:
            self.socket.sendall(data)
        except OSError as error:
            self.open.clear()
            raise ConnectionError("Not connected") from error

    def close(self):
        self.open.clear()
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def __del__(self):
        if "socket" in self.__dict__:
            self.close()


def read(sock, inbox, is_open):
    """A function, not a method: a thread must not keep its connection alive."""
    try:
        with sock.makefile("r", encoding="utf-8", newline="\n") as lines:
            for line in lines:
                inbox.put(json.loads(line))
    except (OSError, ValueError):
        pass
    is_open.clear()
    inbox.put(None)
