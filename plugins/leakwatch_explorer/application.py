"""The addresses, and what answers to each."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from leakwatch import Snapshot
from leakwatch_explorer import views
from leakwatch_explorer.heaps import OpenHeap
from leakwatch_explorer.paging import BadQuestion, NotThere
from leakwatch_explorer.templating import asset, environment

View = Callable[[views.Question], views.Said]
PAGES: dict[str, tuple[str, View]] = {
    "/{heap:int}/": ("overview.html", views.overview),
    "/{heap:int}/types": ("types.html", views.types),
    "/{heap:int}/types/{rank:int}": ("type.html", views.one_type),
    "/{heap:int}/types/{rank:int}/why": ("why.html", views.why),
    "/{heap:int}/dominators": ("dominators.html", views.dominators),
    "/{heap:int}/objects/{number:int}": ("object.html", views.one_object),
    "/{heap:int}/objects/{number:int}/dominators": ("dominators.html", views.dominators),
    "/compare": ("compare.html", views.compare),
}
FILES = {"style.css": "text/css", "icon.svg": "image/svg+xml"}


def application(snapshots: Sequence[Snapshot]) -> Starlette:
    """All pages of some heaps.

    Args:
        snapshots: the heaps, older ones first.
    """
    heaps = [OpenHeap(number, it) for number, it in enumerate(snapshots)]
    pages = [
        Route(path, partial(page, heaps, template, view))
        for path, (template, view) in PAGES.items()
    ]
    files = [Route(f"/{name}", partial(file, name, kind)) for name, kind in FILES.items()]
    return Starlette(
        routes=[Route("/", start), *files, *pages],
        exception_handlers={HTTPException: partial(refused, heaps)},
    )


async def start(request: Request) -> Response:
    """The first page."""
    return RedirectResponse(f"{request.scope['root_path']}/0/")


async def file(name: str, kind: str, request: Request) -> Response:
    """A file beside the templates."""
    return Response(asset(name), media_type=kind)


# Pages are made on the thread of the event loop, one after the other: the index is asked by nobody
# else meanwhile, and there is one person who asks.
async def page(
    heaps: Sequence[OpenHeap],
    template: str,
    view: View,
    request: Request,
) -> Response:
    """One page."""
    asked = views.Question(
        request.scope["root_path"], heaps, request.path_params, request.query_params
    )
    try:
        said = view(asked)
    except NotThere as error:
        raise HTTPException(404, f"{error}.") from None
    except BadQuestion as error:
        raise HTTPException(400, f"This address is not understood: {error}.") from None
    return rendered(template, heaps, asked.base, here=request.path_params.get("heap"), **said)


def rendered(
    template: str, heaps: Sequence[OpenHeap], base: str, *, here: int | None, **said: Any
) -> HTMLResponse:
    """A page from a template.

    Args:
        template: its name.
        heaps: those that are open.
        base: the beginning of every address.
        here: the number of the heap that the page is about, or None.
        said: what else the template needs.
    """
    heap = heaps[here] if here is not None else None
    text = environment().get_template(template)
    return HTMLResponse(text.render({"current": "", **said}, base=base, heaps=heaps, heap=heap))


async def refused(heaps: Sequence[OpenHeap], request: Request, error: Exception) -> Response:
    """A page that says what is wrong."""
    code, detail = getattr(error, "status_code", 500), getattr(error, "detail", "")
    title = {400: "Not understood", 404: "Not found"}.get(code, "Not possible")
    base = request.scope["root_path"]
    answer = rendered("error.html", heaps, base, here=None, title=title, detail=detail)
    answer.status_code = code
    return answer
