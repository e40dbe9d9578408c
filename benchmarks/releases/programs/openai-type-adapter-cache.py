# leaks with openai==3.57.0
import pydantic
from openai._models import construct_type

from tests.known_leaks import repeated


def work():
    answer = pydantic.create_model("Answer", text=(str, ...))
    construct_type(value={"text": "tea"}, type_=answer | None)


repeated(work)
