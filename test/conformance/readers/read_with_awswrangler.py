"""awswrangler: a plain table by its location, and by a query of Athena without CTAS."""

import warnings

import awswrangler as wr
import pyarrow as pa

from told import rows_of, tell, told

warnings.filterwarnings("ignore")
given = told()
for service, endpoint in given["endpoints"].items():
    if endpoint:
        setattr(wr.config, f"{service}_endpoint_url", endpoint)
tables = {}
plain = {name: table for name, table in given["tables"].items() if not table["iceberg"]}
for name, table in plain.items():
    location = wr.catalog.get_table_location(database=given["database"], table=name)
    frame = wr.s3.read_parquet(location, dtype_backend="pyarrow")
    tables[name] = rows_of(pa.Table.from_pandas(frame, preserve_index=False), table["columns"])

counted = {}
for name, table in given["tables"].items() if given["athena"] else ():
    frame = wr.athena.read_sql_query(
        f'select count(*) as rows, count(distinct id) as ids from "{name}"',
        database=given["database"],
        ctas_approach=False,
        s3_output=given["output"],
        workgroup=given["workgroup"],
    )
    counted[name] = [int(frame["rows"][0]), int(frame["ids"][0])]
    assert counted[name] == [table["rows"]] * 2, (name, counted[name], table["rows"])
tell(wr.__version__, tables, seen=f"{len(counted)} tables counted by Athena")
