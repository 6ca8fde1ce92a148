"""The browser console's files, and what to show when they have not been built."""

import mimetypes
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

NOT_BUILT = """<!doctype html>
<html lang="es"><meta charset="utf-8"><title>Aurícula</title>
<meta name="viewport" content="width=device-width">
<body><h1>La consola no está compilada</h1>
<p>El servidor funciona, pero faltan las páginas de la consola. En la carpeta del proyecto:</p>
<pre>make up</pre>
<p>o solo la consola: <code>cd agents_ui &amp;&amp; npm ci &amp;&amp; npm run build</code>,
y vuelva a cargar esta página.</p>
<p lang="en">The server runs, but the console's pages have not been built: run
<code>make up</code> (or the two npm commands above) and reload.</p>
"""

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


def install(app: FastAPI, dist: Path) -> None:
    """Serve ``dist``; every address of no file is the console's, which routes in the browser."""
    root = dist.resolve()

    @app.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def console(path: str, request: Request) -> Response:
        if path.startswith("api/"):
            raise HTTPException(404)
        index = root / "index.html"
        if not index.is_file():
            return HTMLResponse(NOT_BUILT, status_code=503)
        wanted = (root / path).resolve()
        if path and wanted.is_relative_to(root) and wanted.is_file():
            lasting = path.startswith("assets/")
            kept = "public, max-age=31536000, immutable" if lasting else "no-cache"
            return FileResponse(wanted, headers={"Cache-Control": kept})
        if "." in path.rsplit("/", 1)[-1]:
            raise HTTPException(404)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})
