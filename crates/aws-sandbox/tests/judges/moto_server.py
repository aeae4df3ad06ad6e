"""Serves moto on a free loopback port until standard input is closed.

The first line of standard output is the URL. Ending with its standard input means that the server never outlives
the test that started it, however that test ended. One process serves one fresh world: moto keeps everything in memory.
"""

import sys

from moto.server import ThreadedMotoServer


def main() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
