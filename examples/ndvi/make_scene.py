#!/usr/bin/env python3
"""Make scene.tif, the example's scene: a piece of farmland that does not exist.

Sixty-four by sixty-four pixels of ten metres, red and near infrared, as surface
reflectance times 10000. The same bytes each time with the same versions of its
libraries; those of the example's image made the scene in the repository:

    docker run --rm -v "$PWD:/data" -w /data --entrypoint python3 \\
        cwl-processes/ndvi:1 make_scene.py
"""

import sys

import numpy as np
import rasterio
from rasterio.transform import from_origin

SIZE = 64
NODATA = 0

# Reflectance in red and near infrared, and how much it varies within a patch.
COVERS = {
    "meadow": (0.055, 0.340, 0.06),
    "ripe wheat": (0.150, 0.290, 0.05),
    "maize": (0.035, 0.450, 0.05),
    "sugar beet": (0.040, 0.520, 0.04),
    "young crop": (0.095, 0.245, 0.08),
    "bare soil": (0.170, 0.215, 0.06),
    "forest": (0.024, 0.300, 0.10),
    "water": (0.032, 0.014, 0.08),
    "road": (0.150, 0.175, 0.04),
}
NAMES = list(COVERS)


def land_cover():
    """The number of the cover of each pixel."""
    row, column = np.mgrid[:SIZE, :SIZE]
    cover = np.full((SIZE, SIZE), NAMES.index("meadow"))

    def lay(name, where):
        cover[where] = NAMES.index(name)

    # Fields, parted by strips of grass.
    for name, top, left, bottom, right in (
        ("ripe wheat", 2, 2, 20, 17),
        ("maize", 2, 19, 20, 30),
        ("bare soil", 22, 2, 33, 17),
        ("sugar beet", 22, 19, 40, 27),
        ("young crop", 35, 2, 50, 17),
        ("maize", 44, 50, 62, 62),
        ("ripe wheat", 26, 52, 42, 62),
        ("bare soil", 52, 36, 62, 48),
    ):
        lay(name, (row >= top) & (row < bottom) & (column >= left) & (column < right))
    # The wood in the north-east, and a pond in it.
    lay("forest", (row - 4) ** 2 + (column - 56) ** 2 < 18**2)
    lay("water", 4 * (row - 9) ** 2 + (column - 53) ** 2 < 6**2)
    # The road crosses everything but the river.
    lay("road", np.abs(row - 42 - column // 16) < 1)
    # The river, with grass on its banks, from the north to the south-west.
    middle = 40 - row // 4 - ((row - 30) ** 2) // 90
    lay("meadow", np.abs(column - middle) <= 4)
    lay("water", np.abs(column - middle) <= 2)
    return cover


def make_scene(path):
    random = np.random.default_rng(20240621)
    cover = land_cover()
    # What varies within a patch (slopes, moisture) is seen by both bands alike;
    # the noise of the sensor by each for itself.
    patchiness = random.normal(size=(SIZE, SIZE))
    row, column = np.mgrid[:SIZE, :SIZE]
    # The edge of the swath cuts off a corner, and a few pixels were dropped.
    missing = row + 2 * column > 3 * SIZE - 16
    missing.flat[random.choice(SIZE * SIZE, size=12, replace=False)] = True

    properties = np.array([COVERS[name] for name in NAMES])[cover]
    bands = []
    for reflectance in (properties[..., 0], properties[..., 1]):
        band = reflectance * (1 + properties[..., 2] * patchiness)
        band += random.normal(scale=0.002, size=band.shape)
        band = np.clip(np.rint(band * 10000), 1, 10000)
        bands.append(np.where(missing, NODATA, band).astype(np.uint16))

    profile = {
        "driver": "GTiff",
        "width": SIZE,
        "height": SIZE,
        "count": len(bands),
        "dtype": "uint16",
        "crs": "EPSG:32633",
        "transform": from_origin(399_960, 5_820_000, 10, 10),
        "nodata": NODATA,
        "compress": "deflate",
        "predictor": 2,
    }
    with rasterio.open(path, "w", **profile) as scene:
        for number, (band, name) in enumerate(zip(bands, ("red", "nir"), strict=True), 1):
            scene.write(band, number)
            scene.set_band_description(number, name)
        scene.scales = [0.0001] * len(bands)


if __name__ == "__main__":
    make_scene(sys.argv[1] if len(sys.argv) > 1 else "scene.tif")
