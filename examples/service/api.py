"""FastAPI on uvicorn. Each request subscribes its cart to the price feed, and none unsubscribes.

    uvicorn api:app
    python load.py 'http://127.0.0.1:8000/carts/{n}'

With FIXED=1 in the environment nothing leaks. With REDIS=redis://HOST:PORT/0 prices are kept there.
"""

import os

from fastapi import FastAPI

from leakwatch_asgi import LeakwatchMiddleware

FIXED = os.environ.get("FIXED") == "1"
REDIS = os.environ.get("REDIS")
if REDIS:
    from redis.asyncio import from_url

    STORE = from_url(REDIS, decode_responses=True)
app = FastAPI()
app.add_middleware(LeakwatchMiddleware)


class PriceFeed:
    def __init__(self):
        self.subscribers = []

    def subscribe(self, subscriber):
        self.subscribers.append(subscriber)

    def unsubscribe(self, subscriber):
        self.subscribers.remove(subscriber)


FEED = PriceFeed()


class Cart:
    def __init__(self, number):
        self.number = number
        self.lines = [{"article": article, "price": 100} for article in range(3)]

    def on_price(self, article, price):
        self.lines[article]["price"] = price


async def price_of(article):
    price = await STORE.get(f"price:{article}") if REDIS else None
    return int(price or 100)


@app.get("/carts/{number}")
async def show_cart(number: int):
    cart = Cart(number)
    FEED.subscribe(cart.on_price)
    try:
        for line in cart.lines:
            cart.on_price(line["article"], await price_of(line["article"]))
        return cart.lines
    finally:
        if FIXED:
            FEED.unsubscribe(cart.on_price)
