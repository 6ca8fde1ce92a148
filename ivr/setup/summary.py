"""The last lines of ``make up`` and ``auricula prepare``: where to go and with which password."""

from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from ivr.agents import first_passwords
from ivr.config import Settings
from ivr.secrets import load
from ivr.setup.terminal import Terminal


def show(terminal: Terminal, settings: Settings, *, foreground: bool) -> None:
    """Print the addresses, the console's accounts and the test phone; ``foreground``: all
    runs in this terminal, and its logs are files."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(  # noqa: S104
        settings.http_host, settings.http_host
    )
    base = settings.public_url.rstrip("/") or f"http://{host}:{settings.http_port}"
    table = Table.grid(padding=(0, 2))
    table.add_row("Console", f"[bold]{escape(base)}[/]")
    for user, password in first_passwords.passwords(settings.var / "secrets").items():
        table.add_row("", f"{user}  [bold]{escape(password)}[/]  [dim](first password)[/]")
    table.add_row("Phone the clinic", f"[bold]{escape(base)}/telefono[/] in the browser, or")
    table.add_row(
        "",
        f"a SIP phone: user [bold]demo-sip[/], password "
        f"[bold]{load(settings.var).sip_password('demo-sip')}[/],",
    )
    sip = f"{settings.sip_host}:{settings.sip_port}"
    table.add_row("", f"server [bold]{escape(sip)}[/] (UDP); then call any number, such as 100")
    if foreground:
        table.add_row("Logs", f"{escape(str(settings.var / 'log'))}")
    terminal.line()
    terminal.console.print(Panel(table, title="Aurícula", expand=False))
    if foreground:
        terminal.line("Ctrl-C stops everything.")
