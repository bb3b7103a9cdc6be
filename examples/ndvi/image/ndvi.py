#!/usr/bin/env python3
"""Normalised difference vegetation index (NDVI) of a scene.

Reads a red and a near-infrared band of a georeferenced GeoTIFF and writes into
the current directory:

ndvi.tif         the index, float32, on the grid of the scene
quicklook.png    the index as a picture, brown over yellow to green
statistics.json  a summary of the index
"""

import argparse
import json
import math
import warnings
from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

NODATA = -9999.0
BLOCK_ROWS = 16  # rows in a strip of ndvi.tif
ROWS = 32 * BLOCK_ROWS  # rows held in memory at a time
QUICKLOOK_SIZE = 512  # pixels along the longer side, roughly

# Colours of the quicklook: NDVI, red, green, blue.
RAMP = np.array(
    [
        (0.0, 140, 81, 10),
        (0.2, 216, 179, 101),
        (0.4, 255, 247, 153),
        (0.6, 120, 198, 90),
        (0.9, 0, 90, 30),
    ]
)
NODATA_COLOUR = (225, 225, 225)


class SceneError(Exception):
    """The scene cannot be processed as asked."""


class Statistics:
    """Summary of the index, gathered block by block."""

    def __init__(self, threshold):
        self.threshold = threshold
        self.valid = self.nodata = self.vegetation = 0
        self.sum = self.sum_of_squares = 0.0
        self.min, self.max = math.inf, -math.inf

    def add(self, index, valid):
        values = index[valid]
        self.valid += values.size
        self.nodata += valid.size - values.size
        if values.size:
            self.vegetation += int(np.count_nonzero(values >= self.threshold))
            self.sum += float(values.sum())
            self.sum_of_squares += float(np.square(values).sum())
            self.min = min(self.min, float(values.min()))
            self.max = max(self.max, float(values.max()))

    def as_dict(self):
        """The summary as JSON has it: null where there is nothing to summarise."""
        summary = dict.fromkeys(("min", "max", "mean", "std", "vegetation_fraction"))
        if self.valid:
            mean = self.sum / self.valid
            variance = max(self.sum_of_squares / self.valid - mean * mean, 0.0)
            summary = {
                "min": round(self.min, 6),
                "max": round(self.max, 6),
                "mean": round(mean, 6),
                "std": round(math.sqrt(variance), 6),
                "vegetation_fraction": round(self.vegetation / self.valid, 6),
            }
        return summary | {"valid_pixels": self.valid, "nodata_pixels": self.nodata}


def open_scene(path, *bands):
    try:
        scene = rasterio.open(path, driver="GTiff")
    except RasterioError as error:
        raise SceneError(f"{path} cannot be read as a GeoTIFF: {error}") from error
    for band in bands:
        if not 1 <= band <= scene.count:
            raise SceneError(f"{path} has no band {band}: its bands are 1 to {scene.count}")
    if scene.crs is None or scene.transform.is_identity:
        raise SceneError(f"{path} is not georeferenced: it lacks a CRS or a geotransform")
    return scene


def read_reflectance(scene, band, window):
    """A part of a band as reflectance, and where that is valid."""
    try:
        values = scene.read(band, window=window).astype(np.float64)
        valid = scene.read_masks(band, window=window) != 0
    except RasterioError as error:
        raise SceneError(f"{scene.name} is damaged: {error.__cause__ or error}") from error
    values = values * scene.scales[band - 1] + scene.offsets[band - 1]
    return values, valid & np.isfinite(values)


def compute_index(scene, red_band, nir_band, window):
    """The index in a part of the scene, and where that is valid."""
    red, red_valid = read_reflectance(scene, red_band, window)
    nir, nir_valid = read_reflectance(scene, nir_band, window)
    total = nir + red
    # No light in either band, no index.
    valid = red_valid & nir_valid & (total > 0)
    index = np.full(total.shape, NODATA)
    np.divide(nir - red, total, out=index, where=valid)
    # Reflectances just below zero, as atmospheric correction leaves them, would
    # otherwise take the index out of its range.
    np.clip(index, -1.0, 1.0, out=index, where=valid)
    return index, valid


def write_index(scene, red_band, nir_band, path, statistics):
    profile = {
        "driver": "GTiff",
        "width": scene.width,
        "height": scene.height,
        "count": 1,
        "dtype": "float32",
        "crs": scene.crs,
        "transform": scene.transform,
        "nodata": NODATA,
        "compress": "deflate",
        "blockysize": BLOCK_ROWS,
        "bigtiff": "if_safer",
    }
    with rasterio.open(path, "w", **profile) as output:
        output.set_band_description(1, "NDVI")
        for row in range(0, scene.height, ROWS):
            window = Window(0, row, scene.width, min(ROWS, scene.height - row))
            index, valid = compute_index(scene, red_band, nir_band, window)
            statistics.add(index, valid)
            output.write(index.astype(np.float32), 1, window=window)


def write_quicklook(index_path, path):
    with rasterio.open(index_path) as source:
        longer = max(source.width, source.height)
        # Large scenes are thinned out, the pixels of small ones drawn as squares.
        shrink = max(longer / QUICKLOOK_SIZE, 1.0)
        grow = max(QUICKLOOK_SIZE // longer, 1)
        shape = tuple(max(round(side / shrink), 1) for side in source.shape)
        index = source.read(1, out_shape=shape)
    valid = index != NODATA
    picture = np.empty((3, *shape), dtype=np.uint8)
    for channel in range(3):
        colours = np.interp(index, RAMP[:, 0], RAMP[:, channel + 1]).round()
        picture[channel] = np.where(valid, colours, NODATA_COLOUR[channel])
    picture = picture.repeat(grow, axis=1).repeat(grow, axis=2)
    _, height, width = picture.shape
    profile = {"driver": "PNG", "width": width, "height": height, "count": 3, "dtype": "uint8"}
    with rasterio.open(path, "w", **profile) as output:
        output.write(picture)


def write_statistics(scene, statistics, path):
    summary = statistics.as_dict() | {
        "crs": scene.crs.to_string(),
        "bounds": list(scene.bounds),
    }
    Path(path).write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def make_parser():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", required=True, metavar="PATH", help="georeferenced GeoTIFF")
    parser.add_argument("--red", required=True, type=int, help="number of the red band, from 1")
    parser.add_argument("--nir", required=True, type=int, help="number of the near-infrared band, from 1")
    parser.add_argument(
        "--threshold",
        type=float,
        default=0.3,
        help="the index from which on a pixel counts as vegetation (default: %(default)s)",
    )
    return parser


def main():
    parser = make_parser()
    arguments = parser.parse_args()
    # A missing georeference is reported as an error, and a PNG never has one.
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    statistics = Statistics(arguments.threshold)
    # Without PAM, GDAL leaves no quicklook.png.aux.xml beside the picture.
    with rasterio.Env(GDAL_PAM_ENABLED="NO"):
        try:
            with open_scene(arguments.scene, arguments.red, arguments.nir) as scene:
                write_index(scene, arguments.red, arguments.nir, "ndvi.tif", statistics)
                write_quicklook("ndvi.tif", "quicklook.png")
                write_statistics(scene, statistics, "statistics.json")
        except SceneError as error:
            parser.exit(2, f"{parser.prog}: {error}\n")
        except (RasterioError, OSError) as error:
            cause = error.__cause__ or error
            parser.exit(1, f"{parser.prog}: the results cannot be written: {cause}\n")


if __name__ == "__main__":
    main()
