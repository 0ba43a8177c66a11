"""Makes the Arrow files beside it with the writers that people use.

    pip install pyarrow==26.0.1 polars==2.1.0 pandas==3.1.1 && python make.py
"""
import datetime as dt
import decimal
import pathlib

import pandas as pd
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
keys = pa.table({
    "small": pa.array([1.0, 3.0], pa.float64()),
    "double": pa.array([1.0, 2.0**53], pa.float64()),
    "single": pa.array([1.0, 2.0**24], pa.float32()),
})
write(keys, "keys.arrow", pa.ipc.new_file)

# polars puts dictionaries behind the batches that use them.
odd = pl.DataFrame({
    "kind": pl.Series(["u", None, "w"], dtype=pl.Categorical),
    "wait": pl.Series([dt.timedelta(seconds=1.5), None, dt.timedelta(days=1)]),
    "wide": pl.Series([1, 2, 3], dtype=pl.Int128),
})
odd.write_ipc(here / "polars-categorical.arrow")
odd.write_ipc_stream(here / "polars-categorical.arrows")

for unit in ["s", "ms", "us", "ns"]:
    per_second = 1000 ** ["s", "ms", "us", "ns"].index(unit)
    clock = pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)
    ticks = pa.array([2 * per_second, 3600 * per_second], pa.int64())
    integers = ticks.cast(pa.int32()) if unit in ("s", "ms") else ticks
    moment = pa.array([1_582_979_400 * per_second, None], pa.int64())
    times = pa.table({
        "wait": ticks.cast(pa.duration(unit)),
        "clock": integers.cast(clock),
        "at": moment.cast(pa.timestamp(unit)),
    })
    write(times, f"times-{unit}.arrow", pa.ipc.new_file)

negative = pa.array([decimal.Decimal("12E2"), None], pa.decimal128(5, -2))
write(pa.table({"x": [1.0, 2.0], "big": negative}), "negative-scale.arrow", pa.ipc.new_file)
digits = [decimal.Decimal("12345678901234567890.25"), decimal.Decimal("-0.05")]
write(pa.table({"long": pa.array(digits, pa.decimal256(40, 2))}), "decimal.arrow", pa.ipc.new_file)

frame = pd.DataFrame({"x": [1.0, 3.0], "y": [2.0, 6.0]}, index=[5, 8])
write(pa.Table.from_pandas(frame), "pandas-index.arrow", pa.ipc.new_file)


def batches(name, new, *dictionaries):
    """One batch a dictionary, whose first level every row has; deltas where levels are added."""
    made = []
    for levels in dictionaries:
        column = pa.DictionaryArray.from_arrays(pa.array([0, len(levels) - 1]), pa.array(levels))
        made.append(pa.record_batch({"k": column}))
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    with new(here / name, made[0].schema, options=options) as out:
        for batch in made:
            out.write_batch(batch)


batches("delta.arrow", pa.ipc.new_file, ["a", "b"], ["a", "b", "c"])
batches("delta.arrows", pa.ipc.new_stream, ["a", "b"], ["a", "b", "c"])
batches("replaced.arrows", pa.ipc.new_stream, ["a", "b"], ["z", "y"])
