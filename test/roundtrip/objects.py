# SPDX-License-Identifier: PostgreSQL
"""What a random schema consists of, and values for its columns."""


def quoted(name):
    return name if name.isidentifier() and name.islower() else '"' + name.replace('"', '""') + '"'


class Object:
    """`needs`: other objects, and columns as (table, column). `column`: the only one that it is about. `through`: (table, column), where it names that by a
    list of names for the columns. `keeps_names`: its columns are not renamed."""

    def __init__(self, kind, schema, name, **properties):
        self.kind, self.schema, self.name = kind, schema, name
        self.comment = self.column = self.through = None
        self.keeps_names = False
        self.needs = []
        self.__dict__.update(properties)

    @property
    def path(self):
        return f"{quoted(self.schema)}.{quoted(self.name)}" if self.schema else quoted(self.name)


class Array(Object):
    """Of an object that is a type; no object of the schema."""

    def __init__(self, of):
        super().__init__("array", of.schema, of.name, of=of)

    @property
    def path(self):
        return f"{self.of.path}[]"


class Column:
    def __init__(self, name, type_, **properties):
        self.name, self.type = name, type_
        self.default = self.collation = self.generated = self.identity = self.storage = self.comment = None
        self.not_null = False
        self.__dict__.update(properties)

    @property
    def path(self):
        return quoted(self.name)

    def clause(self):
        text = f"{self.path} {type_name(self.type)}"
        if self.collation:
            text += f" COLLATE {self.collation}"
        if self.generated:
            text += f" GENERATED ALWAYS AS ({self.generated}) STORED"
        elif self.identity:
            text += f" GENERATED {self.identity} AS IDENTITY"
        elif self.default is not None:
            text += f" DEFAULT {self.default}"
        return text + (" NOT NULL" if self.not_null else "")


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def type_name(type_):
    return type_.path if isinstance(type_, Object) else type_


def all_columns(table):
    """Those of the tables that it inherits from come first."""
    return (all_columns(table.above) if getattr(table, "above", None) else []) + table.columns


def ground(type_):
    """What an array or a domain consists of."""
    if isinstance(type_, Object) and type_.kind in ("array", "domain"):
        return ground(type_.of if type_.kind == "array" else type_.base)
    return type_


def has_parts(type_):
    return isinstance(ground(type_), Object) and ground(type_).kind in ("composite", "range")


def root(partition):
    """The table at the top of its tree."""
    return root(partition.table) if partition.kind == "partition" else partition


PLAIN_TYPES = ["integer", "bigint", "smallint", "text", "character varying(40)", "character varying(80)", "numeric(12,2)", "numeric", "boolean", "date",
               "timestamp with time zone", "timestamp without time zone", "jsonb", "uuid", "double precision", "text[]", "integer[]", "bytea", "inet",
               "interval", "point", "tsvector", "int4range", "bit(4)", "character(3)"]
NUMBERS = ("integer", "bigint", "smallint", "numeric", "numeric(12,2)")
WIDER = {"smallint": ["integer", "bigint"], "integer": ["bigint", "numeric", "text"], "character varying(40)": ["character varying(80)", "text"],
         "numeric(12,2)": ["numeric"], "date": ["timestamp without time zone"], "text": ["character varying(80)"], "bigint": ["numeric"]}
TEXTS = ("text", "character varying(40)", "character varying(80)")


def values(type_):
    """Three expressions, in ascending order where that matters."""
    if isinstance(type_, Object):
        if type_.kind == "enum":
            return [literal(label) for label in (type_.labels * 3)[:3]]
        if type_.kind == "domain":
            return values(type_.base)
        if type_.kind == "array":
            return [f"ARRAY[{each}]::{type_.path}" for each in values(type_.of)]
        if type_.kind == "composite":
            return [f"ROW({', '.join(values(each.type)[i] for each in type_.columns)})::{type_.path}" for i in range(3)]
        return ["'[1,2)'", "'[3,4)'", "'[5,6)'"] if type_.kind == "range" else ["NULL"] * 3
    if type_ in NUMBERS or type_ == "double precision":
        return ["1", "2", "3"]
    return {"boolean": ["true", "false", "true"], "date": ["'2020-01-01'", "'2020-02-01'", "'2020-03-01'"], "jsonb": ["'{}'", "'[1]'", "'{\"a\": 2}'"],
            "timestamp with time zone": ["'2020-01-01 10:00+00'", "'2020-02-01 10:00+00'", "'2020-03-01 10:00+00'"],
            "timestamp without time zone": ["'2020-01-01 10:00'", "'2020-02-01 10:00'", "'2020-03-01 10:00'"],
            "uuid": [f"'00000000-0000-0000-0000-00000000000{i}'" for i in range(1, 4)], "text[]": ["'{a}'", "'{b,c}'", "'{}'"],
            "integer[]": ["'{1}'", "'{2,3}'", "'{}'"], "bytea": ["'\\x01'", "'\\x02'", "'\\x03'"], "inet": ["'10.0.0.1'", "'10.0.0.2'", "'10.0.0.3'"],
            "interval": ["'1 day'", "'2 days'", "'3 days'"], "point": ["'(1,1)'", "'(2,2)'", "'(3,3)'"], "tsvector": ["'a'", "'b'", "'c'"],
            "int4range": ["'[1,2)'", "'[3,4)'", "'[5,6)'"], "bit(4)": ["'0001'", "'0010'", "'0011'"], "character(3)": ["'a'", "'b'", "'c'"],
            }.get(type_, ["'a'", "'b'", "'c'"])
