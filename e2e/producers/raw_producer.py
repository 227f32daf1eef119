"""A producer of coinglass-fetch that has nothing but a socket and BullMQ's published add script.

    raw_producer.py <redis port> <add script file> < orders.jsonl

Each line is {"id", "data" (text, sent as it is), "opts" (BullMQ's stored names)}; each answer is a line {"id"} or {"error"}.
"""

import json
import socket
import struct
import sys
import time

PREFIX = "{coinglass}:coinglass-fetch:"
KEYS = ["wait", "paused", "meta", "id", "completed", "delayed", "active", "events", "marker"]


def packed(value):
    """MessagePack, as much of it as the script's arguments need."""
    if value is None:
        return b"\xc0"
    if value is True or value is False:
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, (int, float)):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        return b"\xdb" + struct.pack(">I", len(text)) + text
    if isinstance(value, list):
        return b"\xdc" + struct.pack(">H", len(value)) + b"".join(map(packed, value))
    pairs = b"".join(packed(name) + packed(member) for name, member in value.items())
    return b"\xde" + struct.pack(">H", len(value)) + pairs


class Redis:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.reader = self.socket.makefile("rb")

    def __call__(self, *words):
        parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        lengths = [b"$%d\r\n%s\r\n" % (len(part), part) for part in parts]
        self.socket.sendall(b"*%d\r\n%s" % (len(parts), b"".join(lengths)))
        return self.reply()

    def reply(self):
        kind, rest = (line := self.reader.readline().rstrip(b"\r\n"))[:1], line[1:]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self.reader.read(int(rest) + 2)[:-2].decode()
        return rest.decode()


def add(redis, script, order):
    now = int(time.time() * 1000)
    arguments = packed([PREFIX, order["id"], "fetch", now, None, None, None, None, None])
    keys = [PREFIX + key for key in KEYS]
    opts = packed(order.get("opts", {}))
    return redis("EVAL", script, len(keys), *keys, arguments, order["data"], opts)


def main():
    port, script_file = int(sys.argv[1]), sys.argv[2]
    script = open(script_file, encoding="utf-8").read().split("`")[1]
    redis = Redis(port)
    for line in sys.stdin:
        try:
            told = {"id": add(redis, script, json.loads(line))}
        except RuntimeError as refused:
            told = {"error": str(refused)}
        print(json.dumps(told), flush=True)


main()
