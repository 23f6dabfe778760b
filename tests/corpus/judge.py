# Answers statements by DuckDB over the tables of a lake: one JSON list of statements on stdin, one
# answer a line on stdout. A number is {"n": text}, a date or time {"t": text}.
import datetime, decimal, json, sys
import duckdb
from duckdb_extensions import import_extension

for extension in ("ducklake", "sqlite_scanner"):
    import_extension(extension)
session = duckdb.connect()
session.execute("LOAD ducklake; LOAD sqlite_scanner; SET TimeZone='UTC'; SET enable_progress_bar = false")
session.execute(f"ATTACH 'ducklake:sqlite:{sys.argv[1]}/warehouse/catalog.sqlite' AS lake (READ_ONLY)")
tables = session.execute(
    "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake'"
).fetchall()
# Copied, so that the lake's bounds and files do not take part in the answer.
for schema, table in tables:
    session.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
    session.execute(f'CREATE TABLE "{schema}"."{table}" AS FROM lake."{schema}"."{table}"')
session.execute("SET default_null_order='nulls_last'")


def cell(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        return {"n": repr(value)}
    if isinstance(value, decimal.Decimal):
        return {"n": format(value, "f")}
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return {"t": value.isoformat()}
    if isinstance(value, (list, tuple)):
        return [cell(one) for one in value]
    if isinstance(value, dict):
        return [cell(one) for one in value.values()]
    return {"t": str(value)}


print(duckdb.__version__)
for sql in json.load(sys.stdin):
    try:
        answer = {"rows": [[cell(one) for one in row] for row in session.execute(sql).fetchall()]}
    except Exception as error:
        answer = {"error": str(error).splitlines()[0]}
    print(json.dumps(answer, ensure_ascii=False))
