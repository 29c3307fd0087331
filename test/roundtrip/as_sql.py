# SPDX-License-Identifier: PostgreSQL
"""A schema, and rows for it, as SQL."""
from objects import all_columns, literal, quoted, type_name, values

COMMENTED = {"table": "TABLE", "view": "VIEW", "index": "INDEX", "enum": "TYPE", "domain": "DOMAIN", "schema": "SCHEMA", "sequence": "SEQUENCE",
             "materialized view": "MATERIALIZED VIEW"}


def statements_of(each):
    kind, path = each.kind, each.path
    if kind == "schema":
        yield f"CREATE SCHEMA {path}"
    elif kind == "table":
        columns = ",\n    ".join(column.clause() for column in each.columns)
        text = f"CREATE {'UNLOGGED ' if each.unlogged else ''}TABLE {path} (\n    {columns}\n)"
        if each.above:
            text += f" INHERITS ({each.above.path})"
        if each.key:
            text += f" PARTITION BY {each.key[0]} ({each.key[1].path})"
        if each.options:
            text += f" WITH ({', '.join(f'{key}={value}' for key, value in each.options.items())})"
        yield text
        for column in each.columns:
            if column.storage:
                yield f"ALTER TABLE {path} ALTER {column.path} SET STORAGE {column.storage}"
            if column.comment:
                yield f"COMMENT ON COLUMN {path}.{column.path} IS '{column.comment}'"
        if each.row_security:
            yield f"ALTER TABLE {path} ENABLE ROW LEVEL SECURITY"
    elif kind == "partition":
        yield f"CREATE TABLE {path} PARTITION OF {each.table.path} {each.bound}" + (f" PARTITION BY {each.key[0]} ({each.key[1].path})" if each.key else "")
    elif kind == "constraint":
        yield f"ALTER TABLE {each.table.path} ADD CONSTRAINT {quoted(each.name)} {each.definition}"
    elif kind == "foreign key":
        yield f"ALTER TABLE {each.table.path} ADD CONSTRAINT {quoted(each.name)} {each.definition.format(each.to.path)}"
    elif kind == "index":
        definition = each.definition
        if " WITH (" in definition and " WHERE " in definition and definition.index(" WITH (") > definition.index(" WHERE "):
            definition = definition.replace(" WITH (fillfactor='80')", "")
        yield f"CREATE INDEX {quoted(each.name)} ON {each.table.path} {definition}"
    elif kind in ("view", "materialized view"):
        yield f"CREATE {kind.upper()} {path}{each.options} AS {each.query.format(each.of.path, **aliased(each))}"
    elif kind == "enum":
        yield f"CREATE TYPE {path} AS ENUM ({', '.join(map(literal, each.labels))})"
    elif kind == "domain":
        yield f"CREATE DOMAIN {path} AS {type_name(each.base)}" + (f" DEFAULT {each.default}" if each.default else "") + (f" CONSTRAINT c CHECK ({each.check})" if each.check else "")
    elif kind == "composite":
        yield f"CREATE TYPE {path} AS ({', '.join(column.clause() for column in each.columns)})"
    elif kind == "range":
        yield f"CREATE TYPE {path} AS RANGE (SUBTYPE = {each.subtype})"
    elif kind == "serial":
        yield f"CREATE SEQUENCE {path}"
        yield f"ALTER SEQUENCE {path} OWNED BY {each.table.path}.{each.column.path}"
        yield f"ALTER TABLE {each.table.path} ALTER {each.column.path} SET DEFAULT nextval({literal(path)})"
    elif kind == "sequence":
        yield f"CREATE SEQUENCE {path}{each.options}"
    elif kind == "function":
        of = [each.of.path] * 2 if each.of else []
        yield f"CREATE {'PROCEDURE' if hasattr(each, 'procedure') else 'FUNCTION'} {path}({each.arguments}) {each.text.format(*of) if of else each.text}"
    elif kind == "trigger":
        column = each.column.path if each.column else None
        when = f" OF {column} ON {each.table.path} FOR EACH ROW WHEN (NEW.{column} IS NOT NULL)" if column else f" ON {each.table.path} FOR EACH ROW"
        yield f"CREATE {each.constraint}TRIGGER {quoted(each.name)} AFTER UPDATE{when} EXECUTE FUNCTION tsvector_update_trigger('x')"
        if each.state:
            yield f"ALTER TABLE {each.table.path} {each.state} TRIGGER {quoted(each.name)}"
    elif kind == "policy":
        yield f"CREATE POLICY {quoted(each.name)} ON {each.table.path} {each.text.format(**aliased(each))}"
    elif kind == "rule":
        yield f"CREATE RULE {quoted(each.name)} AS ON DELETE TO {each.table.path} DO {each.text.format(**aliased(each))}"
    elif kind == "statistics":
        yield f"CREATE STATISTICS {path} ON {', '.join(column.path for column in each.columns)} FROM {each.table.path}"
    elif kind == "aggregate":
        yield f"CREATE AGGREGATE {path}(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '{each.initial}')"
    elif kind == "publication":
        listed = f" ({each.column.path})" if each.column else ""
        yield f"CREATE PUBLICATION {path} FOR TABLE {', '.join('ONLY ' + table.path + listed for table in each.tables)} WITH (publish = '{each.publish}')"
    elif kind == "collation":
        yield f"CREATE COLLATION {path} (PROVIDER = libc, LOCALE = '{each.locale}')"
    elif kind == "grant":
        object_kind = "TABLE" if each.on.kind in ("table", "view") else each.on.kind.upper()
        yield f"GRANT {each.rights} ON {object_kind} {each.on.path} TO {each.role}"
    elif kind == "operator":
        yield f"CREATE OPERATOR {quoted(each.schema)}.{each.sign} (FUNCTION = int4pl, LEFTARG = integer, RIGHTARG = integer)"
    elif kind == "text search":
        yield f"CREATE TEXT SEARCH CONFIGURATION {path} (PARSER = pg_catalog.\"default\")"
        yield f"ALTER TEXT SEARCH CONFIGURATION {path} ADD MAPPING FOR asciiword WITH {each.map}"
    elif kind == "server":
        yield f"CREATE FOREIGN DATA WRAPPER {quoted(each.name + '_w')}"
        yield f"CREATE SERVER {path} VERSION '{each.version}' FOREIGN DATA WRAPPER {quoted(each.name + '_w')}"
    elif kind == "foreign table":
        yield f"CREATE FOREIGN TABLE {path} ({', '.join(column.clause() for column in each.columns)}) SERVER {each.server.path}"
    elif kind == "cast":
        yield f"CREATE CAST (text AS {each.type.path}) WITH INOUT"
    elif kind == "event trigger":
        yield f"CREATE FUNCTION {path}() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$"
        yield f"CREATE EVENT TRIGGER {quoted(each.name)} ON ddl_command_end WHEN TAG IN ('{each.tag}') EXECUTE FUNCTION {path}()"
    elif kind == "default privileges":
        yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA {each.of.path} GRANT {each.rights} ON TABLES TO roundtrip_one"
    else:
        raise AssertionError(kind)
    if each.comment and kind in COMMENTED:
        yield f"COMMENT ON {COMMENTED[kind]} {path} IS '{each.comment}'"
    elif each.comment and kind == "function":
        yield f"COMMENT ON ROUTINE {path} IS '{each.comment}'"
    elif each.comment and kind in ("constraint", "trigger", "policy"):
        yield f"COMMENT ON {kind.upper()} {quoted(each.name)} ON {each.table.path} IS '{each.comment}'"


def aliased(each):
    """{table}: another table with a list of names for its columns, some of them others, by their places; {name}: the one that `through` has there."""
    if not each.through:
        return {}
    table, column = each.through
    names = [quoted("x" + found.name) if found is column or ord(found.name[-1]) % 2 else found.path for found in table.columns]
    while names[-1] == table.columns[len(names) - 1].path:
        names.pop()
    return {"table": f"{table.path} AS a ({', '.join(names)})", "name": "a." + quoted("x" + column.name)}


def ddl(objects):
    return "".join(f"{sql};\n" for each in objects for sql in statements_of(each))


def rows(objects):
    """Three for each table, as far as its partitions have a place for them."""
    text = "SET session_replication_role = replica;\n"
    for table in objects:
        if table.kind != "table" or any(each.kind == "rule" and each.table is table for each in objects):
            continue
        columns = [column for column in all_columns(table) if not column.generated]
        for number in range(3):
            found = [values(column.type)[number] for column in columns]
            text += f"INSERT INTO {table.path} ({', '.join(column.path for column in columns)}) OVERRIDING SYSTEM VALUE VALUES ({', '.join(found)});\n"
    return text
