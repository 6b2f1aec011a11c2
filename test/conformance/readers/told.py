"""What each reader here is told, on stdin, and how it tells rows: each value as text, so that no digit is lost on its way."""

import datetime
import decimal
import json
import struct
import sys

epoch_day = datetime.date(1970, 1, 1)
epoch = datetime.datetime(1970, 1, 1)


def told():
    """{database, staging, output, workgroup, region, endpoints: {s3, glue, athena}, tables: {name: {columns, files}}}"""
    return json.load(sys.stdin)


def tell(version, tables, **more):
    """tables: rows by name, each a list of texts and nulls."""
    json.dump({"version": version, "tables": tables, **more}, sys.stdout)


def rows_of(arrow, columns):
    """Of a table of pyarrow. Times are read as integers: Python's have no years beyond 9999, and pandas' none beyond 2262."""
    import pyarrow as pa

    texts = []
    for name in columns:
        column = arrow.column(name).combine_chunks()
        kind = column.type
        if pa.types.is_timestamp(kind):
            column = column.cast(pa.timestamp("us", kind.tz)).cast(pa.int64())
        elif pa.types.is_date32(kind):
            column = column.cast(pa.int32())
        texts.append([text_of(value) for value in column.to_pylist()])
    return [list(row) for row in zip(*texts)]


def text_of(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "NaN" if value != value else struct.pack(">d", value).hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime.datetime):
        return str(round((value.replace(tzinfo=None) - epoch) / datetime.timedelta(microseconds=1)))
    if isinstance(value, datetime.date):
        return str((value - epoch_day).days)
    if isinstance(value, list):
        return json.dumps([text_of(each) for each in value], ensure_ascii=False, separators=(",", ":"))
    return str(value)
