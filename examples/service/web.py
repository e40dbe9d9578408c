"""Flask on gunicorn with two workers. Each visitor gets a session, and no session ever expires.

    gunicorn --workers 2 --config gunicorn.conf.py web:app
    python load.py 'http://127.0.0.1:8000/visits/{n}'

With FIXED=1 in the environment nothing leaks.
"""

import os
from collections import OrderedDict

from flask import Flask

from leakwatch_wsgi import LeakwatchMiddleware

MOST_SESSIONS = 100 if os.environ.get("FIXED") == "1" else float("inf")
SESSIONS = OrderedDict()
app = Flask(__name__)
app.wsgi_app = LeakwatchMiddleware(app.wsgi_app)


class Session:
    def __init__(self, visitor):
        self.visitor = visitor
        self.pages = []


@app.get("/visits/<int:visitor>")
def visit(visitor):
    session = SESSIONS.setdefault(visitor, Session(visitor))
    session.pages.append("/")
    while len(SESSIONS) > MOST_SESSIONS:
        SESSIONS.popitem(last=False)
    return f"{len(session.pages)} pages"
