"""A server on loopback that speaks the Messages API as far as we do: it answers what it is told to, in order."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

USAGE = {"input_tokens": 700, "output_tokens": 40, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
SAID = {"cause": "result", "likelihood": "medium", "text": "The file is far longer than those read before."}


def message(said: object = None, usage: object = USAGE, **more: Any) -> bytes:
    """The body of an answer whose text is this value as JSON, or this text."""
    text = said if isinstance(said, str) else json.dumps(SAID if said is None else said)
    content = [{"type": "text", "text": text}]
    return json.dumps({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-5-5", "content": content,
        "stop_reason": "end_turn", "stop_sequence": None, "usage": usage, **more,
    }).encode()  # fmt: skip


class StandIn:
    """`answers`: (status, body, headers) for the next requests; the last one stays. `got`: what came."""

    def __init__(self, *answers: tuple[int, bytes, dict[str, str]]) -> None:
        self.answers = list(answers) or [(200, message(), {})]
        self.got: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.came = threading.Event()  #: something was answered
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                stand_in.paths.append(self.path)
                stand_in.got.append(json.loads(body))
                stand_in.headers.append({name.lower(): value for name, value in self.headers.items()})
                status, answer, headers = stand_in.answers[0]
                if len(stand_in.answers) > 1:
                    stand_in.answers.pop(0)
                if not status:  # hang up
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in {"content-type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
                stand_in.came.set()

            def log_message(self, *_: object) -> None:
                """Nothing: pytest shows what matters."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
