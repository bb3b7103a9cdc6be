"""Every setting: one frozen table, read once from flags, environment and a TOML file."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from cwl_bridge import media, places, runtimes
from cwl_bridge.addresses import Allowed
from cwl_bridge.containerlimits import ContainerLimits, ContainerLimitsError
from cwl_bridge.elsewhere import Elsewhere
from cwl_bridge.policy import Policy
from cwl_bridge.retention import Keep
from registry.models import Needs, Quota
from server import hosts, signing

PREFIX = "CWL_PROCESSES_"

#: Names in the environment that belong to the client commands.
CLIENT_NAMES = frozenset({"URL", "TOKEN"})

_MEBIBYTE = 1 << 20
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
#: A century; calendars end.
_LONGEST = 36_525 * 86_400


class SettingsError(Exception):
    """A setting that can't be; the message names it and says what would be right."""


def _setting(default: Any, meaning: str, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"meaning": meaning, "choices": choices})


@dataclass(frozen=True, kw_only=True)
class Settings:
    data: Path = _setting(Path("cwl-processes-data"), "Folder of everything that is kept.")
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8080, "Port to listen on; 0 takes a free one.")
    public_url: str = _setting("", "URL under which clients reach the server; empty: the one they used.")
    auth: str = _setting(
        "none",
        "Who may ask; none: whoever reaches the server, token: who has one (cwl-processes token add),"
        " oidc: who has one of an OpenID Connect issuer.",
        ("none", "token", "oidc"),
    )
    oidc_issuer: str = _setting("", "URL of the issuer, as it calls itself (auth=oidc).")
    oidc_audience: str = _setting("", "What the issuer calls this server: tokens for others are refused (auth=oidc).")
    oidc_scopes: str = _setting("scope", "Claim that has the scopes read, execute, deploy and admin (auth=oidc).")
    oidc_name: str = _setting("sub", "Claim that has the name of a user (auth=oidc).")
    allow_anonymous: str = _setting(
        "no",
        "Whether a server that asks nobody (auth=none) may listen on other than loopback addresses.",
        ("no", "yes"),
    )
    cors_origins: tuple[str, ...] = _setting(
        (),
        "Origins (https://example.org) whose pages may use the server, * for all;"
        " empty: all where tokens are asked for, else none.",
    )
    share_processes: str = _setting(
        "owner", "Who sees a process that is registered, unless its owner says otherwise.", ("owner", "everyone")
    )
    slots: int = _setting(0, "Jobs at once; 0: as many as there are cores.")
    cores: int = _setting(0, "Cores that jobs may reserve together; 0: all there are.")
    memory: int = _setting(0, "MiB of memory that jobs may reserve together; 0: all there are.")
    engine: str = _setting(
        "warm",
        "How a run is started; warm: as a child of a process that has loaded cwltool, cold: as a fresh process.",
        ("warm", "cold"),
    )
    job_timeout: int = _setting(86_400, "Seconds that a job may run; 0: as long as it takes.")
    keep_jobs: tuple[str, ...] = _setting(
        (),
        "How long (s, m, h, d) and how many ended jobs are kept: 7d, 1000, or 7d,1000 for both; empty: for ever.",
    )
    shutdown: str = _setting(
        "leave",
        "Running jobs when the server stops: they are left running for the next start, waited for, or stopped.",
        ("leave", "wait", "stop"),
    )
    shutdown_timeout: int = _setting(30, "Seconds that requests may take to be answered when the server stops.")
    client_timeout: int = _setting(
        30, "Seconds that a client may be silent in the middle of a request, or take nothing of an answer."
    )
    default_container: str = _setting("", "Image of tools that name none; empty: such tools are refused.")
    fetch_allow: tuple[str, ...] = _setting(
        (),
        "Addresses, networks and host names, each with or without a port, that hrefs may name although private.",
    )
    file_allow: tuple[str, ...] = _setting((), "Folders below which file: URLs in inputs may lead; empty: nowhere.")
    store_allow: tuple[str, ...] = _setting(
        (),
        "Patterns (with *) of the objects that s3:, gs: and az: URLs may name; empty: all that the credentials open.",
    )
    process_allow: tuple[str, ...] = _setting(
        (), "Hosts, each with or without a port, whose processes may stand in the place of inputs; empty: none."
    )
    image_allow: tuple[str, ...] = _setting((), "Patterns (with *) of the images that may run; empty: all.")
    network: str = _setting(
        "auto",
        "Network of the engine for tools that ask for one; none: they get none, and packages that need one are refused;"
        " auto: bridge, and none where auth asks who it is.",
    )
    container_user: str = _setting(
        "", "User of all tools, as uid:gid; empty: the server's own, or 10001:10001 where that is root."
    )
    container_processes: int = _setting(512, "Processes and threads that one tool may have.")
    container_files: int = _setting(4096, "Files that one process of a tool may have open.")
    seccomp: str = _setting("", "File of the seccomp profile of all tools; empty: the engine's own.")
    apparmor: str = _setting("", "Name of the AppArmor profile of all tools; empty: the engine's own.")
    runtime: str = _setting(
        "auto",
        "Container engine of all tools; auto: docker where it answers, else podman.",
        ("auto", "docker", "podman", "singularity", "udocker"),
    )
    oci_runtime: str = _setting("", "What the engine runs tools with, such as runsc or kata; empty: its own.")
    callback_key: str = _setting(
        "", "Key (whsec_…) that signs callbacks; empty: the one in callback.key in the data folder."
    )
    callback_timeout: int = _setting(86_400, "Seconds after which a callback that does not arrive is given up.")
    sync_jobs: str = _setting(
        "listed",
        "Whether /jobs lists synchronous executions and their answers link to them.",
        ("listed", "unlisted"),
    )
    best_practice: str = _setting(
        "warn",
        "CWL that does not meet OGC's best practice for packages (20-089r1) is registered with warnings, or refused.",
        ("warn", "strict"),
    )
    max_requests: int = _setting(
        0, "Requests that one user may make in a minute, or one address where nobody knows who it is; 0: any number."
    )
    max_bad_tokens: int = _setting(
        60, "Requests with tokens that are not good that one address may make in a minute; 0: any number."
    )
    max_waiting: int = _setting(
        0, "Jobs of one user that may wait or be not started, each execution of a batch being one; 0: any number."
    )
    max_running: int = _setting(0, "Jobs of one user that may run at once; 0: any number.")
    max_cpu_hours: int = _setting(0, "CPU hours that the jobs of one user may take within a day; 0: any number.")
    max_kept: int = _setting(
        0, "Bytes that the ended jobs of one user may keep, requests, inputs, results and logs together; 0: any number."
    )
    max_pending: int = _setting(
        500, "Requests of one user that may wait for validations, for fetches, and for provenance; 0: any number."
    )
    max_followers: int = _setting(100, "Logs that one user may follow at once; 0: any number.")
    proxies: tuple[str, ...] = _setting(
        (), "Addresses and networks of proxies that are believed whom they ask for (X-Forwarded-For); empty: none."
    )
    max_body: int = _setting(64 * _MEBIBYTE, "Bytes of one request body.")
    max_input: int = _setting(16 * 1024 * _MEBIBYTE, "Bytes of one input that is fetched, a folder's together.")
    max_output: int = _setting(16 * 1024 * _MEBIBYTE, "Bytes that one tool may leave in its working folder.")
    max_log: int = _setting(64 * _MEBIBYTE, "Bytes of one job's log; what follows is dropped.")
    min_free: int = _setting(16 * _MEBIBYTE, "Bytes free on the disk of the data folder, below which no work is taken.")

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return hosts.is_loopback(self.host)

    @property
    def policy(self) -> Policy:
        return Policy(
            default_container=self.default_container or None,
            image_allow=self.image_allow,
            network=self.container.network is not None,
        )

    @property
    def container(self) -> ContainerLimits:
        """Raises SettingsError."""
        names = {"auto": "bridge" if self.auth == "none" else None, "none": None}
        found = ContainerLimits(
            user=self.container_user,
            processes=self.container_processes,
            open_files=self.container_files,
            file_size=self.max_output,
            network=names.get(self.network, self.network),
            seccomp=self.seccomp,
            apparmor=self.apparmor,
            runtime=self.oci_runtime,
        )
        try:
            found.check()
        except ContainerLimitsError as error:
            raise SettingsError(f"{error}.") from error
        if self.seccomp and not Path(self.seccomp).is_file():
            raise SettingsError(f"seccomp: there is no file {self.seccomp!r}.")
        return found

    @property
    def quota(self) -> Quota:
        return Quota(
            waiting=self.max_waiting,
            running=self.max_running,
            cpu_seconds=self.max_cpu_hours * 3600,
            kept_bytes=self.max_kept,
        )

    @property
    def elsewhere(self) -> Elsewhere:
        return Elsewhere(processes=self.process_allow)

    @property
    def jobs_at_once(self) -> int:
        return self.slots or len(os.sched_getaffinity(0))

    @property
    def machine(self) -> Needs:
        """What all jobs may reserve together."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEBIBYTE
        return Needs(cores=self.cores or len(os.sched_getaffinity(0)), memory=self.memory or memory)

    @property
    def keep(self) -> Keep:
        """Raises SettingsError."""
        age, count = None, None
        for each in self.keep_jobs:
            found = re.fullmatch(r"([0-9]{1,9})([smhd]?)", each)
            if found is None or int(found[1]) * _UNITS.get(found[2], 0) > _LONGEST:
                raise SettingsError(f"keep_jobs: an age such as 12h or 7d, or a number of jobs, not {each!r}.")
            if found[2]:
                age = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
            else:
                count = int(found[1])
        return Keep(age=age, count=count)


def table() -> list[tuple[str, Any, str]]:
    """(name, default, meaning) of every setting."""
    return [(each.name, each.default, each.metadata["meaning"]) for each in fields(Settings)]


def load(flags: Mapping[str, Any], environ: Mapping[str, str], config: Path | None) -> Settings:
    """A flag wins over the environment, the environment over the file. Raises SettingsError."""
    known = {each.name: each for each in fields(Settings)}
    chosen: dict[str, Any] = {}
    for name, value in _file(config).items():
        if name not in known:
            raise SettingsError(f"{config}: there is no setting {name!r}; there are: {', '.join(known)}.")
        chosen[name] = _typed(known[name], value, f"{config}: {name}")
    for variable, value in environ.items():
        name = variable.removeprefix(PREFIX)
        if name == variable or name in CLIENT_NAMES:
            continue
        if name.lower() not in known or name != name.upper():
            raise SettingsError(f"There is no setting {variable}; see `cwl-processes serve --help`.")
        chosen[name.lower()] = _typed(known[name.lower()], value, variable)
    for name, value in flags.items():
        if value is not None:
            chosen[name] = _typed(known[name], value, f"--{name.replace('_', '-')}")
    return _checked(Settings(**chosen))


def _file(config: Path | None) -> dict[str, Any]:
    if config is None:
        return {}
    try:
        with config.open("rb") as file:
            return tomllib.load(file)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{config}: {error}") from error


def _typed(setting: Field[Any], value: Any, where: str) -> Any:
    choices = setting.metadata["choices"]
    match setting.default:
        case int():
            if isinstance(value, int) and not isinstance(value, bool):
                return value
            if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value.strip()):
                return int(value)
            raise SettingsError(f"{where} is a whole number, not {value!r}.")
        case tuple():
            listed = value.split(",") if isinstance(value, str) else value
            if not isinstance(listed, list | tuple):
                raise SettingsError(f"{where} is a list.")
            return tuple(text for each in listed if (text := str(each).strip()))
    if not isinstance(value, str):
        raise SettingsError(f"{where} is a text, not {value!r}.")
    if isinstance(setting.default, Path):
        if not value:
            raise SettingsError(f"{where} can't be empty.")
        return Path(value)
    if choices and value not in choices:
        raise SettingsError(f"{where} is one of {', '.join(choices)}, not {value!r}.")
    return value


def _checked(settings: Settings) -> Settings:
    for each in fields(Settings):
        if isinstance(each.default, int) and getattr(settings, each.name) < 0:
            raise SettingsError(f"{each.name} can't be negative.")
    _ = settings.keep, settings.container
    if settings.runtime in runtimes.NOT_OFFERED:
        reason = runtimes.NOT_OFFERED[settings.runtime]
        offered = ", ".join([runtimes.AUTO, *runtimes.OFFERED])
        raise SettingsError(f"runtime: {settings.runtime} is not offered: {reason}. There are: {offered}.")
    if settings.port > 65535:
        raise SettingsError(f"port is at most 65535, not {settings.port}.")
    try:
        Allowed(settings.fetch_allow)
    except ValueError as error:
        raise SettingsError(f"fetch_allow: {error}.") from error
    for folder in settings.file_allow:
        if not Path(folder).is_absolute():
            raise SettingsError(f"file_allow: {folder!r} is no absolute path.")
    for pattern in settings.store_allow:
        if not pattern.startswith(tuple(f"{scheme}://" for scheme in places.STORES)):
            raise SettingsError(f"store_allow: {pattern!r} does not begin with s3://, gs:// or az://.")
    _check_who_may_ask(settings)
    if settings.public_url and media.split_url(settings.public_url) is None:
        raise SettingsError(f"public_url is an http or https URL, not {settings.public_url!r}.")
    try:
        _ = settings.callback_key and signing.read(settings.callback_key)
    except ValueError as error:
        # What it is instead is nobody's business.
        raise SettingsError(f"callback_key: {error}.") from None
    return settings


def _check_who_may_ask(settings: Settings) -> None:
    if settings.auth == "none" and settings.allow_anonymous == "no" and not settings.is_local:
        raise SettingsError(
            f"host: {settings.host} can be reached from elsewhere, and auth=none asks nobody. Choose auth=token, or say"
            " allow_anonymous=yes where only those can reach it who may do everything."
        )
    if settings.auth == "oidc":
        _check_issuer(settings)
    for proxy in settings.proxies:
        if not hosts.is_network(proxy):
            raise SettingsError(f"proxies: {proxy!r} is no address and no network, such as 10.0.0.0/8.")
    for origin in settings.cors_origins:
        if origin != "*" and not hosts.is_origin(origin):
            raise SettingsError(f"cors_origins: {origin!r} is no origin, such as https://example.org, and not *.")


def _check_issuer(settings: Settings) -> None:
    if not (settings.oidc_issuer and settings.oidc_audience):
        raise SettingsError("oidc_issuer and oidc_audience are needed where auth is oidc.")
    if media.split_url(settings.oidc_issuer) is None or not hosts.is_guarded(settings.oidc_issuer):
        raise SettingsError(f"oidc_issuer is an https URL, not {settings.oidc_issuer!r}.")
