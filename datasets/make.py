"""Makes datasets/*.csv.gz and their descriptors from packages of public registries.

    pip install scikit-learn==1.9.1 iapws==1.5.5; npm pack vega-datasets@3.2.1; Rscript make.R FOLDER
    python make.py FOLDER VEGA_DATASETS_FOLDER

FOLDER holds what make.R wrote. Gzip files carry no time, so the same input gives the same bytes.
"""
import csv, gzip, hashlib, json, math, pathlib, random, sys

from iapws import IAPWS97
from sklearn.datasets import load_diabetes

raw, vega = map(pathlib.Path, sys.argv[1:3])
here = pathlib.Path(__file__).parent
MODELDATA = "Debian package r-cran-modeldata 1.1.0"
MLBENCH = "Debian package r-cran-mlbench 2.1.3"
MASS = "Debian package r-cran-mass 7.3.58.2"
MIXTOOLS = "Debian package r-cran-mixtools 2.0.0"
MIT, GPL2, GPL23, GPL2UP = "MIT (package)", "GPL-2 (package)", "GPL-2 or GPL-3 (package)", "GPL-2 or later (package)"

SETS = {
    "concrete": dict(title="Compressive strength of concrete by mixture and age", target="compressive_strength", origin="I-C. Yeh 1998, UCI", licence=MIT, address=MODELDATA, note="Known for regimes by age and water; 25 rows are repeated.", splits_of="concrete"),
    "sacramento": dict(title="House prices in Sacramento, five days of 2008", target="price", origin="Sacramento Bee, by way of caret", licence=MIT, address=MODELDATA, drop=[("zip", "an identifier of 68 levels; the place is in latitude and longitude")], note=""),
    "car-prices": dict(title="Resale prices of 2005 General Motors cars", target="Price", origin="Kuiper 2008, Journal of Statistics Education 16(3)", licence=MIT, address=MODELDATA, note="Indicators of make and body beside mileage and engine."),
    "penguins": dict(title="Body mass of penguins of the Palmer Archipelago", target="body_mass_g", origin="Gorman, Williams & Fraser 2014", licence="CC0", address=MODELDATA, note="Three species; two rows have no target, eleven no sex."),
    "servo": dict(title="Rise time of a servomechanism", target="Class", origin="K. Ulrich 1986 by way of R. Quinlan, UCI", licence=GPL2, address=MLBENCH, categorical=["Motor", "Screw", "Pgain", "Vgain"], note="All features are categories."),
    "ozone": dict(title="Daily maximum of ozone in Los Angeles, 1976", target="ozone", origin="Breiman & Friedman 1985", licence=GPL2, address=MLBENCH, categorical=["month", "day_of_month", "day_of_week"], drop=[("day_of_month", "the number of a day says nothing of the weather")], note="Missing features; five rows have no target."),
    "nodata": dict(title="Equivalence ratio of an ethanol engine by nitric oxide", target="Equivalence", origin="Brinkman 1981, by way of Hurvich, Simonoff & Tsai 1998", licence=GPL2UP, address=MIXTOOLS, note="Two regimes that overlap in the input: no gate can route them."),
    "tonedata": dict(title="Tone perception of a musician", target="tuned", origin="Cohen 1980, by way of de Veaux 1989", licence=GPL2UP, address=MIXTOOLS, note="Two regimes that overlap in the input: no gate can route them."),
    "cpus": dict(title="Performance of computers of 1987", target="perf", origin="Ein-Dor & Feldmesser 1987, UCI", licence=GPL23, address=MASS, drop=[("name", "names the row"), ("estperf", "the publishers' own estimate of the target")], note=""),
    "mcycle": dict(title="Head acceleration in a motorcycle crash", target="accel", origin="Silverman 1985", licence=GPL23, address=MASS, note="Noise and slope change with time after impact."),
    "cars": dict(title="Fuel economy of cars, 1970 to 1982", target="Miles_per_Gallon", origin="StatLib archive, 1983 exposition of the American Statistical Association", licence="distributed for educational and scientific purposes; package BSD-3-Clause", address="npm package vega-datasets 3.2.1", categorical=["Year", "Origin"], drop=[("Name", "names the row")], note="Missing horsepower; eight rows have no target."),
    "diabetes": dict(title="Progression of diabetes in a year", target="progression", origin="Efron, Hastie, Johnstone & Tibshirani 2004", licence="BSD-3-Clause (package)", address="PyPI package scikit-learn 1.9.1", note="Nearly linear: one model is enough."),
    "water": dict(title="Speed of sound in liquid water and in steam", target="speed_of_sound", origin="IAPWS-IF97, the international standard of the properties of water", licence="CC0 (computed values)", address="PyPI package iapws 1.5.5", note="Computed by the standard, not measured, 5 to 350 degrees Celsius, 0.1 to 200 bar; two regimes: the liquid and the vapour."),
}


def water_rows():
    """Speed of sound, m/s, at random temperatures, degrees Celsius, and pressures, log10 of bar."""
    random.seed(1)
    rows = [["temperature", "log10_pressure", "speed_of_sound"]]
    while len(rows) <= 1500:
        temperature = round(random.uniform(5, 350), 1)
        bar = float("%.3g" % math.exp(random.uniform(math.log(0.1), math.log(200))))
        state = IAPWS97(T=temperature + 273.15, P=bar / 10)
        if state.x in (0, 1):
            rows.append(["%g" % temperature, "%.3f" % math.log10(bar), "%.1f" % state.w])
    return rows


def rows_of(name):
    if name == "water":
        return water_rows()
    if name == "cars":
        records = json.loads((vega / "data" / "cars.json").read_text())
        return [list(records[0])] + [["" if v is None else v for v in r.values()] for r in records]
    if name == "diabetes":
        bunch = load_diabetes(scaled=False)
        return [bunch.feature_names + ["progression"]] + [list(x) + [y] for x, y in zip(bunch.data.tolist(), bunch.target.tolist())]
    return list(csv.reader(open(raw / f"{name}.csv", newline="")))


for name, facts in SETS.items():
    rows = rows_of(name)
    text = "\n".join(",".join(f'"{c}"' if isinstance(c, str) and "," in c else str(c) for c in row) for row in rows) + "\n"
    file = here / f"{name}.csv.gz"
    with open(file, "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        packed.write(text.encode())
    drop = [dict(column=c, why=w) for c, w in facts.get("drop", [])]
    target = rows[0].index(facts["target"])
    descriptor = dict(
        name=name, title=facts["title"], origin=facts["origin"], licence=facts["licence"],
        address=facts["address"], file=file.name, sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        target=facts["target"], group=None, categorical=facts.get("categorical", []), drop=drop,
        nRows=sum(row[target] != "" for row in rows[1:]), nFeatures=len(rows[0]) - 1 - len(drop), note=facts["note"],
    )
    if "splits_of" in facts:
        descriptor["splitsOf"] = facts["splits_of"]
    (here / f"{name}.json").write_text(json.dumps(descriptor, indent=2) + "\n")
