"""A chain's node that tells whatever it is to tell, for query_false.bats: query_node.py DIR,
see cairn-api(7).

It answers at ipc://DIR/api.sock and ends when its standard input does. DIR/headers has the headers of
its chain, one JSON object a line, the last on top; for other methods there is DIR/METHOD, the JSON of the
reply, and DIR/METHOD.body. All are read anew for each request."""

import json
import os
import sys
import zmq


def header_of(request):
    with open("headers", encoding="utf-8") as file:
        headers = [json.loads(line) for line in file]
    if not request:
        return headers[-1]
    return next((header for header in headers if request.items() <= header.items()), None)


def answer(method, request):
    if method == "header":
        header = header_of(request)
        return [b"ok", json.dumps(header).encode()] if header else [b"no", b'{"message":"no such block"}']
    if not os.path.exists(method):
        return [b"unsupported", b'{"message":"no such method"}']
    reply = [b"ok", open(method, "rb").read()]
    if os.path.exists(method + ".body"):
        reply.append(open(method + ".body", "rb").read())
    return reply


os.chdir(sys.argv[1])
socket = zmq.Context().socket(zmq.REP)
socket.bind("ipc://api.sock")
poller = zmq.Poller()
poller.register(socket, zmq.POLLIN)
poller.register(sys.stdin, zmq.POLLIN)
while True:
    ready = dict(poller.poll())
    if sys.stdin.fileno() in ready and not os.read(sys.stdin.fileno(), 1):
        break
    if socket in ready:
        method, request, *_ = socket.recv_multipart()
        socket.send_multipart(answer(method.decode(), json.loads(request)))
