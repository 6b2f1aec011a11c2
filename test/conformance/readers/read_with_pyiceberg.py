"""pyiceberg, by its catalog of Glue: the Iceberg table, and how many rows each of its snapshots has."""

import os

import pyiceberg
from pyiceberg.catalog import load_catalog

from told import rows_of, tell, told

given = told()
keys = {"access-key-id": os.environ["AWS_ACCESS_KEY_ID"], "secret-access-key": os.environ["AWS_SECRET_ACCESS_KEY"]}
services = {
    service: {**keys, "region": given["region"], **({"endpoint": endpoint} if endpoint else {})}
    for service, endpoint in given["endpoints"].items()
}
properties = {f"{service}.{key}": value for service in ("glue", "s3") for key, value in services[service].items()}
catalog = load_catalog("glue", type="glue", **properties)
tables = {}
snapshots = 0
for name, table in given["tables"].items():
    if not table["iceberg"]:
        continue
    live = catalog.load_table((given["database"], name))
    tables[name] = rows_of(live.scan().to_arrow(), table["columns"])
    for snapshot in live.snapshots():
        rows = live.scan(snapshot_id=snapshot.snapshot_id, selected_fields=("id",)).to_arrow().num_rows
        assert rows == int(snapshot.summary["total-records"]), snapshot
        snapshots += 1
tell(pyiceberg.__version__, tables, seen=f"{snapshots} snapshots have the rows they say")
