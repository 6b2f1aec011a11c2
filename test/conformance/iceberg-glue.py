"""What an engine that is not Dracula does to a table of the stand-in's Glue: pyiceberg, told what by iceberg-glue.ts."""

import datetime
import json
import sys

import pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.types import StringType

url, what, name = sys.argv[1:4]
keys = {"access-key-id": "local", "secret-access-key": "local", "endpoint": url, "region": "us-east-1"}
catalog = load_catalog(
    "glue", type="glue", **{f"{service}.{key}": value for service in ("glue", "s3") for key, value in keys.items()}
)
table = catalog.load_table(("lake", name))
if what == "append":
    moment = datetime.datetime(2026, 3, 1, 5, tzinfo=datetime.timezone.utc)
    columns = {
        "id": pa.array([100, 101], pa.int64()),
        "at": pa.array([moment] * 2, pa.timestamp("us", "UTC")),
        "n": pa.array([1, 2], pa.int32()),
    }
    table.append(pa.table(columns))
elif what == "delete":
    table.delete("id = 2")
elif what == "property":
    with table.transaction() as transaction:
        transaction.set_properties({"owner.team": "theirs"})
elif what == "column":
    with table.update_schema() as update:
        update.add_column("extra", StringType())
elif what == "expire":
    current = table.current_snapshot().snapshot_id
    older = [snapshot.snapshot_id for snapshot in table.snapshots() if snapshot.snapshot_id != current]
    table.maintenance.expire_snapshots().by_ids(older).commit()
now = catalog.load_table(("lake", name))
print(json.dumps(sorted(now.scan().to_arrow()["id"].to_pylist())))
