"""The options of ``symdyn app``, and how its secrets reach the server."""

from typing import Annotated

import typer

MILLISECONDS_PER_MINUTE = 60_000

Models = Annotated[
    list[str] | None,
    typer.Option(help="A run directory or package.module:callable beside the zoo; repeatable."),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(help="A folder or start of an address that visitors may open; repeatable."),
]
AllowTraining = Annotated[bool, typer.Option(help="Visitors may start small trainings.")]
UploadMb = Annotated[int, typer.Option(help="Largest upload [MB] of a session; 0: none.")]
SessionMb = Annotated[int, typer.Option(help="Memory for all flows of one session's own [MB].")]
MaxSessions = Annotated[int, typer.Option(help="Sessions at a time in each process.")]
IdleMinutes = Annotated[int, typer.Option(help="Sessions without any action are closed then.")]
CacheMb = Annotated[int, typer.Option(help="Forecasts that each process remembers [MB].")]
NumProcs = Annotated[int, typer.Option(min=0, help="Server processes; 0: one for each core.")]
NumThreads = Annotated[
    int, typer.Option(help="Threads that forecast, in each process; 0: one for each core.")
]
Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1 ...; without: a GPU if there is one.")]
Port = Annotated[int, typer.Option(min=1, max=65535)]
Address = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all of them.")]
Origins = Annotated[
    list[str] | None,
    typer.Option(help="HOST[:PORT] under which visitors see this server; repeatable."),
]
Warm = Annotated[bool, typer.Option(help="Load everything before the first visitor comes.")]
Liveness = Annotated[bool, typer.Option(help="Answer at /liveness.")]
Show = Annotated[bool, typer.Option("--show", help="Open a browser.")]
LogJson = Annotated[bool, typer.Option("--log-json", help="One JSON object for each line of log.")]
BasicAuth = Annotated[
    str | None,
    typer.Option(
        envvar="SYMDYN_BASIC_AUTH",
        help="A JSON file of names and passwords; or one password, which lists of processes show.",
    ),
]
CookieSecret = Annotated[
    str | None, typer.Option(envvar="PANEL_COOKIE_SECRET", help="Signs the cookies of visitors.")
]
OAuthProvider = Annotated[
    str | None, typer.Option(envvar="PANEL_OAUTH_PROVIDER", help="github, google, okta ...")
]
OAuthKey = Annotated[str | None, typer.Option(envvar="PANEL_OAUTH_KEY")]
OAuthSecret = Annotated[str | None, typer.Option(envvar="PANEL_OAUTH_SECRET")]
OAuthEncryptionKey = Annotated[str | None, typer.Option(envvar="PANEL_OAUTH_ENCRYPTION")]
OAuthRedirectUri = Annotated[str | None, typer.Option(envvar="PANEL_OAUTH_REDIRECT_URI")]

VARIABLES = {
    "cookie_secret": "PANEL_COOKIE_SECRET",
    "oauth_provider": "PANEL_OAUTH_PROVIDER",
    "oauth_key": "PANEL_OAUTH_KEY",
    "oauth_secret": "PANEL_OAUTH_SECRET",
    "oauth_encryption_key": "PANEL_OAUTH_ENCRYPTION",
    "oauth_redirect_uri": "PANEL_OAUTH_REDIRECT_URI",
}
"""Where Panel looks; the environment does not show in the list of processes as arguments do.

Not for passwords: Panel 1.9 reads PANEL_BASIC_AUTH in lower case."""


def secrets_of(**given: str | None) -> dict[str, str]:
    """The environment variables for what was given, once it is known to be complete.

    Raises:
        ValueError: two ways to log in, or one that lacks a part.
    """
    told = {name: value for name, value in given.items() if value}
    if "basic_auth" in told and "oauth_provider" in told:
        raise ValueError("--basic-auth and --oauth-provider exclude each other; give one of them.")
    if "oauth_provider" in told:
        needed = ("oauth_key", "oauth_secret", "cookie_secret", "oauth_encryption_key")
        missing = [f"--{name.replace('_', '-')}" for name in needed if name not in told]
        if missing:
            raise ValueError(
                f"--oauth-provider needs {', '.join(missing)}, too; `panel secret` and "
                "`panel oauth-secret` make the last two."
            )
    elif any(name.startswith("oauth") for name in told):
        raise ValueError("Which --oauth-provider? Its name belongs to the other --oauth options.")
    if "basic_auth" in told and "cookie_secret" not in told:
        raise ValueError("--basic-auth needs --cookie-secret, too; `panel secret` makes one.")
    return {VARIABLES[name]: value for name, value in told.items() if name in VARIABLES}
