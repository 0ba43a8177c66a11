"""Writes the Parquet files of the tests beside itself, by pyarrow: python make.py."""

import datetime
import decimal
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent
N = 12
START = 1_704_067_200  # 2024-01-01, in seconds


def without(row, values):
    return [None if i == row else value for i, value in enumerate(values)]


ROWS = range(N)
TYPES = pa.table(
    {
        "i32": pa.array(without(3, [i - 5 for i in ROWS]), pa.int32()),
        "i64": pa.array([2**53 + i for i in ROWS], pa.int64()),
        "f32": pa.array([i / 8 for i in ROWS], pa.float32()),
        "f64": pa.array([float("nan") if i == 5 else i * 0.1 for i in ROWS], pa.float64()),
        "flag": pa.array(without(7, [i % 2 == 0 for i in ROWS]), pa.bool_()),
        "town": pa.array(without(9, [["Köln", "Bern", "01234"][i % 3] for i in ROWS]), pa.string()),
        "coded": pa.array([["a", "b"][i % 2] for i in ROWS]).dictionary_encode(),
        "price": pa.array([decimal.Decimal(i) / 100 for i in ROWS], pa.decimal128(12, 2)),
        "day": pa.array([datetime.date(2024, 1, 1 + i) for i in ROWS], pa.date32()),
        "ms": pa.array([1000 * START + 1500 * i for i in ROWS], pa.timestamp("ms")),
        "us": pa.array([10**6 * START + 1500001 * i for i in ROWS], pa.timestamp("us", tz="UTC")),
        "ns": pa.array([10**9 * START + 7 * i for i in ROWS], pa.timestamp("ns")),
        "time": pa.array([1000 * i for i in ROWS], pa.time32("ms")),
        "list": pa.array([[i, i] for i in ROWS], pa.list_(pa.int32())),
        "y": pa.array([2.5 * i for i in ROWS], pa.float64()),
    }
)
FEW = TYPES.select(["f64", "town", "y"])

pq.write_table(TYPES, HERE / "types.parquet", row_group_size=5)
pq.write_table(TYPES, HERE / "int96.parquet", use_deprecated_int96_timestamps=True)
pq.write_table(
    TYPES,
    HERE / "pages2.parquet",
    data_page_version="2.0",
    use_dictionary=False,
    column_encoding={"i64": "DELTA_BINARY_PACKED", "town": "DELTA_BYTE_ARRAY"},
)
for codec in ("none", "gzip", "zstd", "lz4", "brotli"):
    pq.write_table(FEW, HERE / f"{codec}.parquet", compression=codec)

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
DURATIONS = {u: pa.array([90 * n, None, -3 * n], pa.duration(u)) for u, n in UNITS.items()}
DURATIONS["plain"] = pa.array([90_000, 1, -3000], pa.int64())
pq.write_table(pa.table(DURATIONS), HERE / "durations.parquet")
