"""A chain's node that does as it is told, for miner.bats: miner_node.py DIR, see cairn-api(7).

It answers at ipc://DIR/api.sock, publishes at ipc://DIR/events.sock, and ends when its standard
input does, from which it takes commands, one a line:

round JSON      whoever asks is told this round, or nonsense
publish JSON    the same, and it is published
refuse TEXT     answers are refused for this reason; without a reason they are taken
answered JSON   what it says of whether the round is answered, true or false; else it says nothing

DIR/asked has the methods that were called, DIR/submitted the answers that came, one a line."""

import json
import os
import sys

import zmq

directory = sys.argv[1]
events = f"ipc://{directory}/events.sock"
server = zmq.Context.instance().socket(zmq.ROUTER)
server.bind(f"ipc://{directory}/api.sock")
publisher = zmq.Context.instance().socket(zmq.PUB)
publisher.bind(events)
logs = {name: open(f"{directory}/{name}", "a", buffering=1) for name in ("asked", "submitted")}
told = {"round": "", "refuse": "", "answered": ""}


def obey(line):
    word, _, rest = line.partition(" ")
    told["round" if word == "publish" else word] = rest
    if word == "publish":
        publisher.send_multipart([b"round", rest.encode()])


def answer(method, text):
    logs["asked"].write(method + "\n")
    if method == "submit":
        logs["submitted"].write(text + "\n")
        return ("no", json.dumps({"message": told["refuse"]})) if told["refuse"] else ("ok", "{}")
    if not told["round"]:
        return "no", '{"message":"there is no round yet"}'
    more = told["answered"] and ',"is_answered":' + told["answered"]
    return "ok", '{"round":%s,"events":"%s"%s}' % (told["round"], events, more)


poller = zmq.Poller()
poller.register(server, zmq.POLLIN)
poller.register(0, zmq.POLLIN)
print("ready", flush=True)
while True:
    ready = dict(poller.poll())
    if 0 in ready:
        lines = os.read(0, 65536).decode()
        if not lines:
            sys.exit()
        for each in lines.splitlines():
            obey(each)
    if server in ready:
        address, empty, name, body, *_ = server.recv_multipart()
        status, reply = answer(name.decode(), body.decode())
        server.send_multipart([address, empty, status.encode(), reply.encode()])
