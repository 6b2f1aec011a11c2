"""pyarrow's own S3 client and Parquet reader, over the files that readers are led to."""

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from told import rows_of, tell, told

given = told()
endpoint = given["endpoints"]["s3"]
s3 = fs.S3FileSystem(region=given["region"], **({"endpoint_override": endpoint} if endpoint else {}))
tables = {}
for name, table in given["tables"].items():
    files = [pq.ParquetFile(uri.removeprefix("s3://"), filesystem=s3).read() for uri in table["files"]]
    tables[name] = [row for file in files for row in rows_of(file, table["columns"])]
tell(pa.__version__, tables)
