"""The files of the page: what may be kept, and for how long.

All of them lie under one address that names their content, so whoever keeps them need never ask
again. The page itself says which address that is, and is asked for again every time.
"""

import hashlib
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

PAGE = Path(str(files("barque.service") / "page"))
SHELL = "index.html"
ADDRESS = "assets"
PLACEHOLDER = f"{ADDRESS}/CONTENT/"
"""What the page says where the content's name belongs."""

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
NEVER = "no-store"


class Assets:
    """The files in a folder, by an address that changes when one of them does."""

    def __init__(self, folder: Path = PAGE) -> None:
        self.folder = folder

    @cached_property
    def content(self) -> str:
        """Return the name of what is in the files: twelve hexadecimal digits."""
        digest = hashlib.sha256()
        for name, path in self.paths().items():
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()[:12]

    @property
    def address(self) -> str:
        """Return where the files are, as `assets/0123456789ab/`."""
        return f"{ADDRESS}/{self.content}/"

    @cached_property
    def shell(self) -> bytes:
        """Return the page, which names its files by their address."""
        text = (self.folder / SHELL).read_text(encoding="utf-8")
        return text.replace(PLACEHOLDER, self.address).encode()

    def paths(self) -> dict[str, Path]:
        """Return every file but the page, by its name below the address, in order."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        named = {path.relative_to(self.folder).as_posix(): path for path in found}
        return {name: named[name] for name in sorted(named) if name != SHELL}

    def mount(self, app: Starlette) -> None:
        """Serve the page at `/` and its files at their address."""
        app.add_route("/", self._show, methods=["GET"], include_in_schema=False)
        kept = _KeptForEver(directory=self.folder)
        app.mount(f"/{self.address.rstrip('/')}", kept, name=ADDRESS)

    async def _show(self, request: Request) -> Response:
        mark = f'"{hashlib.sha256(self.shell).hexdigest()[:16]}"'
        headers = {"etag": mark, "cache-control": ASK_AGAIN}
        if mark in request.headers.get("if-none-match", "").replace("W/", ""):
            return Response(status_code=304, headers=headers)
        return Response(self.shell, media_type="text/html", headers=headers)


class _KeptForEver(StaticFiles):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                MutableHeaders(scope=message)["cache-control"] = FOR_EVER
            await send(message)

        await super().__call__(scope, receive, marked)
