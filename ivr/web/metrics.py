"""What Prometheus reads at ``/metrics``. Labels never hold personal data."""

import time

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Metrics:
    """The measures of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "auricula_http_seconds",
            "Time to answer a request, by route",
            ["method", "route", "status"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )
        self.events = Counter(
            "auricula_events", "Events handed to the screens", registry=self.registry
        )
        self.screens = Gauge("auricula_screens", "Open screens", registry=self.registry)
        self.dropped = Counter(
            "auricula_screens_dropped",
            "Screens closed because they did not read",
            registry=self.registry,
        )
        self.logins = Counter(
            "auricula_logins", "Logins by result", ["result"], registry=self.registry
        )
        self.live_calls = Gauge("auricula_live_calls", "Calls on air", registry=self.registry)
        self.relays = Gauge(
            "auricula_sip_relays", "Browser phones connected", registry=self.registry
        )

    def response(self) -> Response:
        """All measures in Prometheus' text format."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)


class Measured:
    """Times every request by its route's template, not by its address."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Time the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self.metrics.requests.labels(scope["method"], route, str(status)).observe(
                time.perf_counter() - began
            )
