"""Both ends of a connection through a relay, for relay.bats.

serve                 prints its address, then sends back what comes, to any number of clients
send ADDRESS SIZE [N] sends so many bytes and reads what comes back; prints how it went; N times
idle ADDRESS COUNT    holds connections until its standard input ends"""

import errno
import random
import select
import socket
import socketserver
import sys
import time


def connect(address):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=15)


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            while data := self.request.recv(65536):
                self.request.sendall(data)
            self.request.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 1024


def serve():
    with Server(("127.0.0.1", 0), Echo) as server:
        print(f"127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


def send(address, size):
    data = random.Random(1).randbytes(size)
    start = time.monotonic()
    back = bytearray()
    pieces = 0
    first = None
    # All from one thread: of a reset one call is told, and those after it see a mere end. What is
    # there is read before more is sent, so that an end is seen although what is sent meets a reset.
    rest = memoryview(data)
    try:
        with connect(address) as peer:
            peer.setblocking(False)
            is_sending = True
            while True:
                readable, writable, _ = select.select([peer], [peer] if is_sending else [], [], 15)
                if readable:
                    more = peer.recv(65536)
                    if not more:
                        end = "ended"
                        break
                    first = first or time.monotonic()
                    back += more
                    pieces += 1
                elif writable and rest:
                    rest = rest[peer.send(rest):]
                elif writable:
                    peer.shutdown(socket.SHUT_WR)
                    is_sending = False
                else:
                    end = "late"
                    break
    except ConnectionError:
        end = "reset"
    except TimeoutError:
        end = "late"
    except OSError as error:  # what shutdown() says of a reset that came just before
        if error.errno != errno.ENOTCONN:
            raise
        end = "reset"
    now = time.monotonic()
    wrong = sum(a != b for a, b in zip(data, back)) if data[:len(back)] != back else 0
    print(f"end={end} back={len(back)} wrong={wrong} pieces={pieces} "
          f"ms={int((now - start) * 1000)} first_ms={int(((first or now) - start) * 1000)}")


def idle(address, count):
    peers = [connect(address) for _ in range(count)]
    print(len(peers), flush=True)
    sys.stdin.read()


if sys.argv[1] == "serve":
    serve()
elif sys.argv[1] == "send":
    for _ in range(int(sys.argv[4]) if len(sys.argv) > 4 else 1):
        send(sys.argv[2], int(sys.argv[3]))
else:
    idle(sys.argv[2], int(sys.argv[3]))
