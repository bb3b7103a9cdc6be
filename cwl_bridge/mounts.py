"""What a container sees of the host: mounts of what lies in the room of its job, and what is written for it before.

cwltool writes into the folder that a tool will work in, and tidies it up when the tool has ended: as the server, on
the host. Nothing that a link there leads to is its to write or to remove.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import Any

from cwltool.docker import DockerCommandLineJob
from cwltool.pathmapper import MapperEnt
from cwltool.secrets import SecretStore
from cwltool.utils import create_tmp_dir

from cwl_bridge.room import Room


class MountingJob(DockerCommandLineJob):
    """A tool whose files are all of the room."""

    room: Room
    #: What the tool may write to, on the host.
    _writable: list[str]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._writable = []
        self._with_secrets: list[str] = []

    # cwltool's own is static: it needs to know nothing of the job.
    def append_volume(  # type: ignore[override]
        self, runtime: list[str], source: str, target: str, writable: bool = False, skip_mkdirs: bool = False
    ) -> None:
        self.room.check(source)
        self._writable += [source] if writable else []
        super().append_volume(runtime, source, target, writable, skip_mkdirs)

    def create_file_and_add_volume(
        self,
        runtime: list[str],
        volume: MapperEnt,
        host_outdir_tgt: str | None,
        secret_store: SecretStore | None,
        tmpdir_prefix: str,
    ) -> str:
        self._check_own(host_outdir_tgt)
        made = super().create_file_and_add_volume(runtime, volume, host_outdir_tgt, secret_store, tmpdir_prefix)
        if secret_store is not None and secret_store.has_secret(volume.resolved) and volume.type == "CreateFile":
            self._with_secrets.append(made)
        return made

    def add_writable_file_volume(
        self, runtime: list[str], volume: MapperEnt, host_outdir_tgt: str | None, tmpdir_prefix: str
    ) -> None:
        self._check_own(host_outdir_tgt)
        super().add_writable_file_volume(runtime, volume, host_outdir_tgt, tmpdir_prefix)

    def add_writable_directory_volume(
        self, runtime: list[str], volume: MapperEnt, host_outdir_tgt: str | None, tmpdir_prefix: str
    ) -> None:
        self._check_own(host_outdir_tgt)
        if self.inplace_update or volume.resolved.startswith("_:"):
            super().add_writable_directory_volume(runtime, volume, host_outdir_tgt, tmpdir_prefix)
            return
        # cwltool would follow the links in it, wherever they lead.
        self.room.check(volume.resolved)
        copy = host_outdir_tgt or os.path.join(create_tmp_dir(tmpdir_prefix), os.path.basename(volume.target))
        self.room.copy_folder(volume.resolved, copy)
        if not host_outdir_tgt:
            self.append_volume(runtime, copy, volume.target, writable=True)

    def give_to(self, user: str) -> None:
        """Makes everything that the tool may write to its own, where this process may say so."""
        owner, group = map(int, user.split(":"))
        if os.geteuid() != 0 or owner == 0:
            return
        for top in self._writable:
            pending = [top]
            while pending:
                path = pending.pop()
                found = os.lstat(path)
                # What has other names is kept by somebody else, too.
                if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
                    continue
                os.chown(path, owner, group, follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    pending += (each.path for each in os.scandir(path))

    def check_left(self) -> None:
        """Before cwltool puts links in the places where files were mounted.

        The tool may have moved these places. And cwltool cuts the name of the working folder off whatever begins like
        it: of the rest, a path of the host may be left.
        """
        for _, volume in self.generatemapper.items() if self.generatemapper else ():
            if volume.staged and volume.target.startswith(self.builder.outdir):
                rest = volume.target[len(self.builder.outdir) + 1 :]
                self._check_own(os.path.dirname(os.path.join(self.outdir, rest)))

    def remove_secret_files(self) -> None:
        """What was written for the tool with a secret in it, once it has ended: none of it is an output of the tool."""
        for path in self._with_secrets:
            if path.startswith(f"{self.outdir}/"):
                self._check_own(os.path.dirname(path))
            # The tool may have put something of its own there.
            with suppress(FileNotFoundError, IsADirectoryError):
                os.unlink(path)

    def _check_own(self, path: str | None) -> None:
        """Raises WorkflowException where a path leads out of the tool's folder, or through a link."""
        if path is None:
            return
        root = os.path.realpath(self.outdir)
        straight = os.path.normpath(os.path.join(root, os.path.relpath(path, self.outdir)))
        if os.path.realpath(path) != straight or not f"{straight}/".startswith(f"{root}/"):
            self.room.refuse(path)
