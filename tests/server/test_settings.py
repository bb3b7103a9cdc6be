"""Settings mean the same wherever they are said."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.settings import SettingsError, load


def test_flags_environment_and_file_mean_the_same(tmp_path: Path) -> None:
    """Lists too."""
    config = tmp_path / "settings.toml"
    config.write_text('slots = 3\nfetch_allow = ["127.0.0.1", "10.0.0.0/8"]\nsync_jobs = "unlisted"\n')
    environ = {
        "CWL_PROCESSES_SLOTS": "3",
        "CWL_PROCESSES_FETCH_ALLOW": "127.0.0.1, 10.0.0.0/8",
        "CWL_PROCESSES_SYNC_JOBS": "unlisted",
    }
    flags = {"slots": "3", "fetch_allow": "127.0.0.1,10.0.0.0/8", "sync_jobs": "unlisted"}

    assert load({}, {}, config) == load({}, environ, None) == load(flags, {}, None)


def test_the_nearest_word_counts(tmp_path: Path) -> None:
    """A flag before the environment, the environment before the file."""
    config = tmp_path / "settings.toml"
    config.write_text("port = 1\nslots = 1\nmax_body = 1\n")

    chosen = load({"port": "3"}, {"CWL_PROCESSES_PORT": "2", "CWL_PROCESSES_SLOTS": "2"}, config)

    assert (chosen.port, chosen.slots, chosen.max_body) == (3, 2, 1)


@pytest.mark.parametrize(
    ("environ", "toml", "said"),
    [
        ({"CWL_PROCESSES_SLOT": "1"}, "", "CWL_PROCESSES_SLOT"),
        ({"CWL_PROCESSES_SLOTS": "many"}, "", "whole number"),
        ({"CWL_PROCESSES_SLOTS": "-1"}, "", "negative"),
        ({"CWL_PROCESSES_ENGINE": "steam"}, "", "cold"),
        ({"CWL_PROCESSES_SYNC_JOBS": "no"}, "", "listed, unlisted"),
        ({"CWL_PROCESSES_FETCH_ALLOW": "a/b"}, "", "fetch_allow"),
        ({"CWL_PROCESSES_FILE_ALLOW": "/data,relative"}, "", "file_allow: 'relative'"),
        ({"CWL_PROCESSES_STORE_ALLOW": "s3://a/*,bucket/*"}, "", "store_allow: 'bucket"),
        ({"CWL_PROCESSES_PROXIES": "127.0.0.1,*"}, "", "proxies: '\\*'"),
        ({"CWL_PROCESSES_PUBLIC_URL": "example.org"}, "", "public_url"),
        ({}, "slot = 1", "'slot'"),
        ({}, "slots = ", "settings.toml"),
    ],
)
def test_what_can_not_be_is_said(tmp_path: Path, environ: dict[str, str], toml: str, said: str) -> None:
    """The setting and what would be right."""
    config = tmp_path / "settings.toml"
    config.write_text(toml)

    with pytest.raises(SettingsError, match=said):
        load({}, environ, config)


def test_names_of_the_client_are_not_settings() -> None:
    """The command line's own variables do not keep a server from starting."""
    assert load({}, {"CWL_PROCESSES_URL": "x", "CWL_PROCESSES_TOKEN": "y"}, None).port == 8080
