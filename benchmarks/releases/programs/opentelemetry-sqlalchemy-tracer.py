# leaks with opentelemetry-instrumentation-sqlalchemy==0.49b2 sqlalchemy==2.0.36,
# not with opentelemetry-instrumentation-sqlalchemy==0.50b0 sqlalchemy==2.0.36
import sqlalchemy
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

from tests.known_leaks import repeated

SQLAlchemyInstrumentor().instrument()


def work():
    sqlalchemy.create_engine("sqlite://").dispose()


repeated(work)
