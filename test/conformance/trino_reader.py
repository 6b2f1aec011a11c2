"""Has Trino read and change Iceberg tables whose files lie on this machine: told what by iceberg.py.

A coordinator of Trino's own, of version 476 with its Iceberg connector, needs in etc/config.properties beside what every
one needs

    catalog.management=dynamic
    catalog.store=memory

and nothing in etc/catalog: the catalog is made here, and dropped again.
"""

import base64
import datetime
import json
import pathlib
import re
import struct
import urllib.request

epoch = datetime.datetime(1970, 1, 1)


class Trino:
    """One catalog of files below a folder, at a coordinator such as http://127.0.0.1:8080."""

    def __init__(self, url, folder):
        self.url = url
        self.catalog = f"conformance_{pathlib.Path(folder).name.lower()}".replace("-", "_")
        self.tables = 0
        properties = {
            "iceberg.catalog.type": "TESTING_FILE_METASTORE",
            "hive.metastore.catalog.dir": f"local://{folder}/metastore",
            "fs.native-local.enabled": "true",
            "local.location": "/",
            "iceberg.register-table-procedure.enabled": "true",
        }
        given = ", ".join(f"\"{name}\" = '{value}'" for name, value in properties.items())
        self.ask(f"create catalog {self.catalog} using iceberg with ({given})")
        self.ask(f"create schema {self.catalog}.lake")

    def close(self):
        self.ask(f"drop catalog {self.catalog}")

    def ask(self, sql):
        """Columns with their types, and rows."""
        headers = {"X-Trino-User": "conformance", "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME"}
        request = urllib.request.Request(
            f"{self.url}/v1/statement", sql.encode(), {**headers, "X-Trino-Time-Zone": "UTC"}
        )
        columns, rows = [], []
        while True:
            with urllib.request.urlopen(request) as answer:
                told = json.load(answer)
            if "error" in told:
                raise RuntimeError(f"{sql}: {told['error']['message']}")
            columns = told.get("columns", columns)
            rows += told.get("data", [])
            if "nextUri" not in told:
                return columns, rows
            request = urllib.request.Request(told["nextUri"], headers=headers)

    def register(self, metadata):
        """Its name, by which it can be asked."""
        path = pathlib.PurePosixPath(metadata)
        self.tables += 1
        name = f"t{self.tables}"
        location = str(path.parent.parent).replace("file:/", "file:///", 1)
        self.ask(f"call {self.catalog}.system.register_table('lake', '{name}', '{location}', '{path.name}')")
        return f"{self.catalog}.lake.{name}"

    def rows(self, table):
        """As iceberg-tables.ts writes them."""
        columns, rows = self.ask(f"select * from {table}")
        return [
            {column["name"]: words(column["type"], value) for column, value in zip(columns, row, strict=True)}
            for row in rows
        ]

    def number(self, sql):
        return self.ask(sql)[1][0][0]

    def rows_scanned(self, table, condition):
        """Of the files that the condition leaves, before it is applied to rows."""
        told = self.number(f"explain analyze select count(id) from {table} where {condition}")
        return int(re.findall(r"Input: ([\d,]+) rows? .*Splits: ", told)[-1].replace(",", ""))

    def metadata_of(self, table):
        name = table.split(".")[-1]
        return self.number(
            f'select file from {self.catalog}.lake."{name}$metadata_log_entries" order by timestamp desc limit 1'
        )


def words(kind, value):
    if value is None:
        return None
    if kind.startswith("array("):
        return [words(kind[len("array(") : -1], each) for each in value]
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "varbinary":
        return base64.b64decode(value).hex()
    if kind in ("double", "real"):
        number = float(value)
        if kind == "real":
            (number,) = struct.unpack(">f", struct.pack(">f", number))
        return struct.pack(">d", number).hex()
    if kind.startswith("decimal"):
        return str(int(value.replace(".", "")))
    if kind == "date":
        return str((datetime.datetime.fromisoformat(value) - epoch).days)
    if kind.startswith("timestamp"):
        moment = datetime.datetime.fromisoformat(value.removesuffix(" UTC")) - epoch
        return str((moment.days * 86_400 + moment.seconds) * 1_000_000 + moment.microseconds)
    return str(value)
