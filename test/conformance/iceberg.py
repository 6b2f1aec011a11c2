"""Has others read Iceberg tables that Dracula's room writes: pyiceberg, DuckDB's iceberg extension, and Trino.

Not part of the test suite, as it needs Python. In a virtual environment:

    pip install 'pyiceberg[pyarrow,pyiceberg-core,sql-sqlite]==0.12.0' duckdb==1.5.5 \
        duckdb-extension-iceberg==1.5.5 duckdb-extension-avro==1.5.5
    python test/conformance/iceberg.py [a Trino on this machine, as http://127.0.0.1:8080]

What Trino needs, trino_reader.py says; without one it is left out, and the last line says so. It exits with 1 at the first difference. What it compares:

1. every row and value of each state of each table: whole, days replaced, a day gone, columns added, widened, renamed and
   dropped, rolled back, expired, and partitioned in every way there is; earlier snapshots by their rows;
2. values of partition transforms with pyiceberg's, and the partition of every file with those of its rows;
3. bounds, counts, sizes and split offsets of every file with those that pyiceberg takes from the file itself;
4. which files are read for a day;
5. a table that pyiceberg has appended to and deleted from, read and changed again by Dracula, read again by pyiceberg;
   the same with Trino, which has compacted it as well.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import duckdb
import duckdb_extension_avro
import duckdb_extension_iceberg
import pyarrow.parquet as pq
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import And, EqualTo, GreaterThanOrEqual, LessThan
from pyiceberg.io.pyarrow import (
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
)
from pyiceberg.table import StaticTable
from pyiceberg.transforms import parse_transform
from pyiceberg.types import (
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    StringType,
    TimestampType,
    TimestamptzType,
)
from trino_reader import Trino

project = pathlib.Path(__file__).parent.parent.parent
tables = "test/conformance/iceberg-tables.ts"
types = {
    "int": IntegerType(),
    "long": LongType(),
    "date": DateType(),
    "timestamp": TimestampType(),
    "timestamptz": TimestamptzType(),
}
checked: dict[str, int] = {}


def same(what, kind, actual, expected):
    checked[kind] = checked.get(kind, 0) + 1
    if actual != expected:
        # The first that differs of many.
        while isinstance(actual, (list, dict)) and type(actual) is type(expected) and len(actual) == len(expected):
            pairs = dict(enumerate(actual)) if isinstance(actual, list) else actual
            others = dict(enumerate(expected)) if isinstance(expected, list) else expected
            key = next(key for key in pairs if key not in others or pairs[key] != others[key])
            what, actual, expected = f"{what}, {key}", pairs[key], others.get(key)
        sys.exit(f"{what}: {kind}\n  found    {actual!r:.2000}\n  expected {expected!r:.2000}")


def bun(*arguments):
    return subprocess.run(["bun", tables, *arguments], cwd=project, check=True, capture_output=True, text=True).stdout


def words(value, kind):
    """A value as iceberg-tables.ts writes it; Arrow gives dates and timestamps as integers here."""
    if value is None:
        return None
    if isinstance(value, list):
        return [words(each, kind) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return struct.pack(">d", value).hex()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def integers(table):
    """Dates, timestamps and decimals as the integers that they are stored as."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            column = table.column(at).cast(pa.int64())
        elif pa.types.is_date32(field.type):
            column = table.column(at).cast(pa.int32())
        else:
            continue
        table = table.set_column(at, field.name, column)
    return table


def decimals(value):
    if value is None:
        return None
    sign, digits, _ = value.as_tuple()
    return str(int("".join(map(str, digits))) * (-1 if sign else 1))


def order(row):
    return int(row["id"]), json.dumps(row, sort_keys=True)


def rows_of(arrow):
    import pyarrow as pa

    arrow = integers(arrow)
    rows = []
    for row in arrow.to_pylist():
        rows.append(
            {
                name: decimals(value) if pa.types.is_decimal(arrow.schema.field(name).type) else words(value, name)
                for name, value in row.items()
            }
        )
    return sorted(rows, key=order)


def check_files(name, table):
    """Bounds, counts and partitions of every file that the manifests name, against the file itself."""
    schema = table.schema()
    for task in table.scan().plan_files():
        file = task.file
        parquet = pq.read_metadata(file.file_path.removeprefix("file://"))
        if {field.field_id for field in schema.columns} - set(file.null_value_counts) - lists(schema):
            continue  # Written by an earlier schema, whose file pyiceberg would hold against the newer one.
        mine = data_file_statistics_from_parquet_metadata(
            parquet, compute_statistics_plan(schema, {}), parquet_path_to_id_mapping(schema)
        ).to_serialized_dict()
        same(name, "row counts", file.record_count, mine["record_count"])
        same(name, "column sizes", file.column_sizes, mine["column_sizes"])
        same(name, "split offsets", list(file.split_offsets), mine["split_offsets"])
        elements = {field.field_type.element_id for field in schema.columns if field.field_id in lists(schema)}
        flat = lambda counts: {id: count for id, count in counts.items() if id not in elements}
        same(name, "value counts", file.value_counts, flat(mine["value_counts"]))
        same(name, "null counts", file.null_value_counts, flat(mine["null_value_counts"]))
        for id, lower in flat(mine["lower_bounds"]).items():
            upper = mine["upper_bounds"].get(id)
            field = schema.find_field(id)
            ours = file.lower_bounds.get(id), file.upper_bounds.get(id)
            if str(field.field_type) in ("string", "binary"):
                same(name, "short bounds", ours[0] <= lower and (upper is None or ours[1] >= exact_max(file, field)), True)
            else:
                same(f"{name}, {field.name}", "bounds", ours, (lower, upper))
        check_partition(name, table, file)


def lists(schema):
    return {field.field_id for field in schema.columns if field.field_type.is_primitive is False}


def exact_max(file, field):
    values = pq.read_table(file.file_path.removeprefix("file://"), columns=[field.name]).column(0).to_pylist()
    return max(value.encode() if isinstance(value, str) else value for value in values if value is not None)


def check_partition(name, table, file):
    spec = table.specs()[file.spec_id]
    for at, part in enumerate(spec.fields):
        source = table.schema().find_field(part.source_id)
        arrow = integers(pq.read_table(file.file_path.removeprefix("file://"), columns=[source.name]))
        transform = part.transform.transform(source.field_type)
        found = {transform(value) for value in arrow.column(0).to_pylist()}
        same(f"{name}, {file.file_path}", "partitions", found, {file.partition[at]})


def check_transforms(transforms):
    for transform, kind, value, expected in transforms:
        # pyiceberg takes dates and timestamps as integers.
        actual = parse_transform(transform).transform(types[kind])(int(value))
        same(f"{transform} of {kind} {value}", "transforms", str(actual), expected)


def check_state(state):
    name, file = state["name"], state["metadata"]
    table = StaticTable.from_metadata(file)
    expected = sorted(state["rows"], key=order)
    same(name, "tables", rows_of(table.scan().to_arrow()) if expected else table.scan().to_arrow().num_rows, expected or 0)
    for snapshot, rows in zip(table.snapshots(), state["snapshots"], strict=True):
        scan = table.scan(snapshot_id=snapshot.snapshot_id, selected_fields=("id",))
        same(name, "snapshots", scan.to_arrow().num_rows, rows)
    for day, files in state.get("filesOfDays", {}).items():
        start = int(day) * 86_400_000_000
        of_day = And(
            GreaterThanOrEqual("created_at", moment(start)), LessThan("created_at", moment(start + 86_400_000_000))
        )
        same(name, "pruned scans", len(list(table.scan(row_filter=of_day).plan_files())), files)
    check_files(name, table)
    check_duckdb(name, file, expected)
    if trino:
        check_trino(state, table, expected)


def moment(micros):
    import datetime

    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (epoch + datetime.timedelta(microseconds=micros)).isoformat()


def check_duckdb(name, file, expected):
    rows = duck.sql(f"select * from iceberg_scan('{file.removeprefix('file://')}')").to_arrow_table()
    same(name, "tables by DuckDB", rows_of(rows) if expected else rows.num_rows, expected or 0)


def check_trino(state, table, expected):
    name = state["name"]
    registered = trino.register(state["metadata"])
    same(name, "tables by Trino", sorted(trino.rows(registered), key=order), expected)
    for snapshot, rows in zip(table.snapshots(), state["snapshots"], strict=True):
        of_snapshot = f"select count(id) from {registered} for version as of {snapshot.snapshot_id}"
        same(name, "snapshots by Trino", trino.number(of_snapshot), rows)
    for day in state.get("filesOfDays", {}):
        start, end = int(day) * 86_400_000_000, (int(day) + 1) * 86_400_000_000
        first, last = (f"timestamp '{moment(at).replace('T', ' ')}'" for at in (start, end))
        of_day = [row for row in expected if row["created_at"] and start <= int(row["created_at"]) < end]
        scanned = trino.rows_scanned(registered, f"created_at >= {first} and created_at < {last}")
        same(name, "pruned scans by Trino", scanned, len(of_day))


def check_trino_writes(state):
    """Trino inserts, deletes a day and compacts; Dracula reads that and takes a day away; Trino reads that."""
    table = trino.register(state["metadata"])
    before = trino.number(f"select count(id) from {table}")
    of_day = "created_at >= timestamp '2024-10-05 00:00:00 UTC' and created_at < timestamp '2024-10-06 00:00:00 UTC'"
    day = trino.number(f"select count(id) from {table} where {of_day}")
    trino.ask(f"insert into {table} select * from {table} where kind = 'click' and not {of_day}")
    trino.ask(f"delete from {table} where {of_day}")
    trino.ask(f"alter table {table} execute optimize")
    expected = trino.number(f"select count(id) from {table}")
    same("Trino's own", "other writers", before - day < expected < 2 * before, True)
    told = json.loads(bun("continue", trino.metadata_of(table)))
    same("Dracula reads Trino's", "other writers", told["before"], expected)
    after = trino.register(told["file"])
    same("Trino reads Dracula's again", "other writers", trino.number(f"select count(id) from {after}"), told["after"])
    same("Trino reads Dracula's again", "other writers", told["after"], expected - told["removed"])
    same("rows were removed", "other writers", told["removed"] > 0, True)


def check_other_writer(folder, state):
    """pyiceberg appends and deletes; Dracula reads that and takes a day away; pyiceberg reads that."""
    catalog = SqlCatalog("local", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}/warehouse")
    catalog.create_namespace("lake")
    table = catalog.register_table("lake.events", state["metadata"])
    before = table.scan().to_arrow()
    table.append(before.slice(0, 7))
    table.delete(EqualTo("kind", "click"))
    clicks = sum(row["kind"] == "click" for row in before.to_pylist())
    expected = before.num_rows + 7 - clicks - sum(row["kind"] == "click" for row in before.slice(0, 7).to_pylist())
    table = catalog.load_table("lake.events")
    same("pyiceberg's own", "other writers", table.scan().to_arrow().num_rows, expected)
    told = json.loads(bun("continue", table.metadata_location))
    same("Dracula reads pyiceberg's", "other writers", told["before"], expected)
    after = StaticTable.from_metadata(told["file"])
    rows = after.scan().to_arrow()
    same("pyiceberg reads Dracula's again", "other writers", rows.num_rows, told["after"])
    same("pyiceberg reads Dracula's again", "other writers", rows.num_rows, expected - told["removed"])
    days = {int(value) // 86_400_000_000 for value in integers(rows).column("created_at").to_pylist() if value is not None}
    same("the day is gone", "other writers", 20_000 in days, False)
    same("the other days are there", "other writers", 20_001 in days, True)


duck = duckdb.connect()
duck.sql("set timezone = 'UTC'")
for extension in (duckdb_extension_avro, duckdb_extension_iceberg):
    # The packages bring the extensions along; nothing is downloaded.
    for path in pathlib.Path(extension.__file__).parent.rglob("*.duckdb_extension"):
        duck.sql(f"load '{path}'")

with tempfile.TemporaryDirectory() as folder:
    trino = Trino(sys.argv[1], folder) if len(sys.argv) > 1 else None
    try:
        bun("write", folder)
        told = json.loads(pathlib.Path(folder, "expected.json").read_text())
        check_transforms(told["transforms"])
        for state in told["states"]:
            check_state(state)
        if trino:
            check_trino_writes(told["states"][1])
        check_other_writer(folder, told["states"][0])
    finally:
        if trino:
            trino.close()
print("equal: " + ", ".join(f"{count} {kind}" for kind, count in checked.items()) + ("" if trino else "; without Trino"))
