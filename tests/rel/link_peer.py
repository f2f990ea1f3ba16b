"""The other side of a link, cairn-link(7), by Python's own TLS: a second implementation, for tests,
that can do what a decent program would not."""

import os
import socket
import ssl
import subprocess

OPEN, DATA, CREDIT, HALF_END, END, RESET, PING, PONG, GOAWAY = range(1, 10)
HEADER = 8  # bytes


class Broken(Exception):
    """The link is gone."""


def frame(stream, kind, payload=b"", size=None):
    """A frame; `size` is what its header says, where that is not the truth."""
    size = len(payload) if size is None else size
    return (stream.to_bytes(4, "little") + bytes([kind]) + size.to_bytes(3, "little") + payload)


def opening(method, request=b""):
    return bytes([len(method)]) + method + request


def make_context(place):
    """What one party shows: a certificate of a new key."""
    key, certificate = os.path.join(place, "link.key"), os.path.join(place, "link.pem")
    if not os.path.exists(certificate):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", key,
                        "-out", certificate, "-subj", "/CN=peer", "-days", "2"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["cairn/1"])
    return context


def connect(address, source=None, timeout=5):
    """A TCP connection, from a chosen address of this machine."""
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout,
                                    source_address=(source, 0) if source else None)


class Link:
    """A link that is up. Broken when it breaks, TimeoutError when nothing comes."""

    def __init__(self, context, address, source=None, timeout=5):
        try:
            self.socket = context.wrap_socket(connect(address, source, timeout))
        except TimeoutError:
            raise
        except OSError as error:
            raise Broken(str(error)) from None
        self.buffer = b""
        self.next_stream = 1

    def send(self, data):
        try:
            self.socket.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise Broken(str(error)) from None

    def open(self, method, request=b""):
        stream = self.next_stream
        self.next_stream += 2
        self.send(frame(stream, OPEN, opening(method, request)))
        return stream

    def receive(self):
        """The next frame: stream, kind, payload."""
        while True:
            if len(self.buffer) >= HEADER:
                size = int.from_bytes(self.buffer[5:8], "little")
                if len(self.buffer) >= HEADER + size:
                    found = (int.from_bytes(self.buffer[:4], "little"), self.buffer[4],
                             self.buffer[HEADER:HEADER + size])
                    self.buffer = self.buffer[HEADER + size:]
                    return found
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                raise
            except OSError as error:
                raise Broken(str(error)) from None
            if not data:
                raise Broken("closed")
            self.buffer += data

    def call(self, method, request=b""):
        """One call: status and reply."""
        stream = self.open(method, request)
        self.send(frame(stream, HALF_END))
        while True:
            number, kind, payload = self.receive()
            if (number, kind) == (stream, END):
                return payload[0], payload[1:]
            if (number, kind) == (stream, RESET):
                raise Broken(payload.decode())

    def close(self):
        self.socket.close()
