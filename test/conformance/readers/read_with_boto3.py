"""boto3: the catalog and the objects, as who looks after an account lists them."""

import boto3

from told import tell, told

given = told()
session = boto3.Session(region_name=given["region"])
glue, s3, athena = (session.client(service) for service in ("glue", "s3", "athena"))

live = {}
for page in glue.get_paginator("get_tables").paginate(DatabaseName=given["database"]):
    live |= {table["Name"]: table for table in page["TableList"]}
assert set(live) == set(given["tables"]), set(live)
staged = glue.get_paginator("get_tables").paginate(DatabaseName=given["staging"])
assert [table["Name"] for page in staged for table in page["TableList"]] == [], "staged tables are left"

objects = 0
for name, table in given["tables"].items():
    told_columns = [[column["Name"], column["Type"]] for column in live[name]["StorageDescriptor"]["Columns"]]
    assert told_columns == table["types"], (name, told_columns, table["types"])
    for uri in table["files"]:
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
        head = s3.head_object(Bucket=bucket, Key=key)
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        assert [each["Size"] for each in listed] == [head["ContentLength"]] == [len(body)], uri
        assert body[:4] == body[-4:] == b"PAR1", uri
        objects += 1
tell(boto3.__version__, {}, seen=f"{len(live)} tables with the types declared, {objects} objects whole")
