"""A bounded load: so many requests a second, on so many connections, for so long.

python load.py 'http://127.0.0.1:8000/carts/{n}' --seconds 60 --per-second 100 --connections 4
"""

import argparse
import threading
import time
from http.client import HTTPConnection, HTTPException
from itertools import count
from urllib.parse import urlsplit


class Load:
    def __init__(self, url, seconds, per_second, connections):
        self.parts = urlsplit(url)
        self.began = time.monotonic()
        self.seconds = seconds
        self.pause = connections / per_second
        self.numbers = count()
        self.answered = self.failed = 0
        self.lock = threading.Lock()

    def work(self):
        connection = HTTPConnection(self.parts.hostname, self.parts.port, timeout=30)
        while time.monotonic() < self.began + self.seconds:
            path = self.parts.path.replace("{n}", str(next(self.numbers)))
            try:
                connection.request("GET", path)
                response = connection.getresponse()
                response.read()
                good = response.status == 200
            except (OSError, HTTPException):
                connection.close()
                good = False
            with self.lock:
                self.answered += good
                self.failed += not good
            time.sleep(self.pause)
        connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("url", help="{n} in it is the number of the request")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--per-second", type=float, default=100.0)
    parser.add_argument("--connections", type=int, default=4)
    asked = parser.parse_args()
    load = Load(asked.url, asked.seconds, asked.per_second, asked.connections)
    threads = [threading.Thread(target=load.work) for _ in range(asked.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{load.answered} answered, {load.failed} failed in {asked.seconds:g} seconds")


if __name__ == "__main__":
    main()
