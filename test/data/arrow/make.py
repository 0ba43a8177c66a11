"""Makes the Arrow files beside it with the writers that people use.

    pip install pyarrow==26.0.1 polars==2.1.0 && python make.py
"""
import datetime as dt
import decimal
import pathlib

import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc

here = pathlib.Path(__file__).parent
day, utc = dt.date(2020, 2, 29), dt.timezone.utc

plain = pa.table({
    "x": pa.array([1.5, None, float("nan"), -2.5e-3], pa.float64()),
    "id": pa.array([1, 2**53 + 1, None, -4], pa.int64()),
    "n": pa.array([1, 2, 3, 250], pa.uint8()),
    "name": pa.array(["a", "ä, b", None, "NA"], pa.string()),
    "code": pa.array(["01", "02", "01", "03"], pa.string()),
    "kind": pa.array(["u", "v", None, "u"], pa.string()).dictionary_encode(),
    "grade": pa.array([10, 20, 10, 30], pa.int64()).dictionary_encode(),
    "flag": pa.array([True, False, None, True], pa.bool_()),
    "day": pa.array([day, None, dt.date(1969, 12, 31), day], pa.date32()),
    "at": pa.array([dt.datetime(2020, 2, 29, 12, 30, tzinfo=utc)] * 4, pa.timestamp("us", tz="UTC")),
    "none": pa.nulls(4),
})
types = pa.table({
    "half": pa.array([0.5, 1.5], pa.float16()),
    "single": pa.array([0.25, None], pa.float32()),
    "u64": pa.array([2**64 - 1, 0], pa.uint64()),
    "price": pa.array([decimal.Decimal("12.50"), None], pa.decimal128(9, 2)),
    "wait": pa.array([1500, 2500], pa.duration("ms")),
    "clock": pa.array([dt.time(0, 1), dt.time(1, 0)], pa.time32("s")),
    "large": pa.array(["p", "q"], pa.large_string()),
    "view": pa.array(["short", "longer than twelve bytes"], pa.string_view()),
    "day64": pa.array([day, day], pa.date64()),
})


def write(table, name, new, **options):
    """In two batches, so that offsets and dictionaries cross from one to the next."""
    with new(here / name, table.schema, **options) as out:
        out.write_table(table, max_chunksize=2)


write(plain, "plain.arrow", pa.ipc.new_file)
write(plain, "plain.arrows", pa.ipc.new_stream)
write(types, "types.arrow", pa.ipc.new_file)
pa.feather.write_feather(plain, here / "lz4.feather")
pa.feather.write_feather(plain, here / "zstd.feather", compression="zstd")
pa.feather.write_feather(pa.table({"x": [1.0, 2.0]}), here / "version-1.feather", version=1)
many = pa.table({"i": pa.array(range(3000), pa.int32()), "s": [f"row {i % 7}" for i in range(3000)]})
pa.feather.write_feather(many, here / "many.feather")
pa.feather.write_feather(pa.table({"x": [1.0], "tags": [["a", "b"]]}), here / "nested.feather")
pa.feather.write_feather(pa.table({"x": [1.0], "raw": [b"ab"]}), here / "binary.feather")
pa.feather.write_feather(pa.table({"x": [1.0, float("inf")]}), here / "infinite.feather")
pa.feather.write_feather(plain.slice(0, 0), here / "empty.feather")
twice = pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0])], ["x", "x"])
write(twice, "twice.arrow", pa.ipc.new_file)
frame = pl.DataFrame({"x": [1.5, None], "name": ["a", "a name longer than twelve bytes"]})
frame.write_ipc(here / "polars.arrow")
frame.write_ipc(here / "polars-lz4.arrow", compression="lz4")
frame.write_ipc_stream(here / "polars.arrows")
