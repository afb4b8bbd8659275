"""The dashboard's routes: its page and files, reports and charts as JSON, what changes, and the few changes it makes.

The page holds no figures and needs no token; all else stands behind `guard.Guard`. Nothing here runs a script that is
not a file of ours, and nothing frames the page but an editor.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from lineitem.server.asking import Busy
from lineitem.server.news import MEDIA_TYPE, TooMany

if TYPE_CHECKING:
    from fastapi import FastAPI

    from lineitem.server.asking import Answer, Desk
    from lineitem.server.news import News

#: What the page may load and do. Editors show pages inside of frames of their own.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self' vscode-webview: vscode-file:; require-trusted-types-for 'script';"
    " trusted-types default"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NO_DATA = {**_ALWAYS, "Cache-Control": "no-store"}
#: What a budget can be told, as `lineitem budget` has it.
_CHANGES = ("add", "edit", "remove", "override")
#: What is done with settings: see what a change would do, and make it.
_SETTINGS = {"look": "What a change of settings would do, and what would leave the machine then; nothing happens",
             "change": "What `lineitem settings --set` does, of what a page may change"}  # fmt: skip


def add_pages(app: FastAPI, desk: Desk, news: News) -> None:
    """Put the dashboard's routes on the collector."""

    @app.get("/", summary="The dashboard's page; needs no token", response_class=Response)
    async def page(request: Request) -> Response:
        return _file(desk, "index.html", request, {"Content-Security-Policy": POLICY})

    @app.get("/static/{name:path}", summary="A script or style of the dashboard; needs no token",
             response_class=Response)  # fmt: skip
    async def file(name: str, request: Request) -> Response:
        return _file(desk, name, request, {"Content-Security-Policy": "default-src 'none'"})

    @app.get("/v1/reports/{name}", summary="What `lineitem NAME --json` prints, with its options as parameters")
    async def report(name: str, request: Request) -> Response:
        return await _answered(desk, "report", name, request)

    @app.get("/v1/charts/{name}", summary="A chart of a report, as a Vega specification with its data")
    async def chart(name: str, request: Request) -> Response:
        return await _answered(desk, "chart", name, request)

    @app.get("/v1/events", summary="Says when the ledger changed, as server-sent events", response_class=Response)
    async def events() -> Response:
        try:
            stream = news.listen()
        except TooMany:
            return JSONResponse({"error": "too many pages listen"}, 503, {"Retry-After": "5"})
        return StreamingResponse(stream, media_type=MEDIA_TYPE, headers=_NO_DATA)

    for action in _CHANGES:
        app.post(f"/v1/budgets/{{name}}/{action}", summary=f"What `lineitem budget {action} NAME` does")(
            _change(desk, news, action)
        )
    for action, summary in _SETTINGS.items():
        app.post(f"/v1/settings/{action}", summary=summary)(_set(desk, news, action))


def _change(desk: Desk, news: News, action: str) -> Any:
    async def change(name: str, request: Request) -> Response:
        return await _changed(desk, news, f"budget/{action}", request, name=name)

    return change


def _set(desk: Desk, news: News, action: str) -> Any:
    async def change(request: Request) -> Response:
        return await _changed(desk, news, f"settings/{action}", request)

    return change


async def _changed(desk: Desk, news: News, what: str, request: Request, **more: str) -> Response:
    """What a change is answered; pages hear of one that was made."""
    try:
        given = await request.json()
    except ValueError:
        given = None
    if not isinstance(given, dict) or not given.keys().isdisjoint(more):
        return JSONResponse({"error": "the body is no object of what is to be changed"}, 400)
    answer = await desk.change(what, {**given, **more})
    if answer.status == 200 and not what.endswith("/look"):
        news.publish()
    return _response(answer)


async def _answered(desk: Desk, what: str, name: str, request: Request) -> Response:
    """The answer to a question, or that it is the one the page has already."""
    asked = sorted(request.query_params.multi_items())
    if len({key for key, _ in asked}) < len(asked):
        return JSONResponse({"error": "a parameter was given twice"}, 400)
    try:
        answer = await desk.ask((what, name, tuple(asked)))
    except Busy:
        return JSONResponse({"error": "too many questions wait"}, 503, {"Retry-After": "1"})
    if answer.status == 200 and request.headers.get("if-none-match") == answer.tag:
        return Response(status_code=304, headers={**_ALWAYS, "ETag": answer.tag, "Cache-Control": "no-cache"})
    return _response(answer)


def _response(answer: Answer) -> Response:
    headers = {**_ALWAYS, "ETag": answer.tag, "Cache-Control": "no-cache"}
    return Response(answer.body, answer.status, headers, "application/json")


def _file(desk: Desk, name: str, request: Request, more: dict[str, str]) -> Response:
    found = desk.web.file(name)
    if found is None:
        return JSONResponse({"error": "there is no such file"}, 404)
    body, media = found
    headers = {**_ALWAYS, **more, "ETag": f'"{blake2b(body, digest_size=12).hexdigest()}"', "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media)
