"""`make demo`, its set-up aside: what it prints, and that it ends by itself."""

from __future__ import annotations

import subprocess

from tests.live import ROOT, environment


def test_the_demo_shows_the_main_job() -> None:
    """The results of the NDVI example, their files beside; a second time the same."""
    said = [
        subprocess.run([str(ROOT / "scripts" / "demo")], capture_output=True, text=True, env=environment(), check=True)
        for _ in range(2)
    ]

    assert said[0].stdout == said[1].stdout
    assert '"vegetation_fraction": 0.823296' in said[0].stdout
    for name, magic in (("ndvi/ndvi.tif", b"II*\0"), ("quicklook/quicklook.png", b"\x89PNG")):
        assert (ROOT / ".demo" / "results" / name).read_bytes().startswith(magic)
