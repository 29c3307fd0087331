# SPDX-License-Identifier: PostgreSQL
"""Random schemas, and what somebody may have made of one a while later.

A schema is a list of objects in an order in which they can be created. An object knows those that it stands on; one that goes takes along what stands
on it. `Generator(seed).pair()` has the one and the other, the renames between them, and rows for the first.
"""
import copy
import random


def quoted(name):
    return name if name.isidentifier() and name.islower() else '"' + name.replace('"', '""') + '"'


class Object:
    """`needs`: other objects, and columns as (table, column)."""

    def __init__(self, kind, schema, name, **properties):
        self.kind, self.schema, self.name = kind, schema, name
        self.comment = None
        self.needs = []
        self.__dict__.update(properties)

    @property
    def path(self):
        return f"{quoted(self.schema)}.{quoted(self.name)}" if self.schema else quoted(self.name)


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


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.objects = []
        self.renames = []
        self.last = 0

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def pick(self, items):
        return self.random.choice(list(items))

    def name(self, prefix):
        self.last += 1
        return self.pick([f"{prefix}{self.last}"] * 8 + [f"{prefix.capitalize()} {self.last}", f"{prefix}_ä{self.last}"])

    def schema(self):
        return self.pick(each.name for each in self.objects if each.kind == "schema")

    def of_kind(self, *kinds):
        return [each for each in self.objects if each.kind in kinds]

    def add(self, object_):
        self.objects.append(object_)
        return object_

    # ---- what there is

    def pair(self):
        for _ in range(self.random.randint(1, 3)):
            self.add(Object("schema", "", self.name("s")))
        for _ in range(self.random.randint(6, 26)):
            self.make_any()
        first, self.renamable = self.copy(), [part for each in self.objects for part in [each] + getattr(each, "columns", [])]
        for _ in range(self.random.randint(1, 9)):
            self.change_any()
        renames = [text for table, column, text in self.renames if table in self.objects and (column is None or column in table.columns)]
        return first, self.copy(), renames

    def copy(self):
        return copy.deepcopy(self.objects)

    def make_any(self):
        makers = [self.make_table] * 8 + [self.make_index] * 5 + [self.make_view] * 4 + [self.make_foreign_key] * 4 + [self.make_function] * 3
        makers += [self.make_enum] * 3 + [self.make_domain] * 2 + [self.make_composite, self.make_sequence, self.make_trigger, self.make_policy, self.make_partitioned,
                                          self.make_partitioned, self.make_child, self.make_check, self.make_unique, self.make_range, self.make_statistics,
                                          self.make_materialized_view, self.make_aggregate, self.make_rule, self.make_publication, self.make_collation,
                                          self.make_grant, self.make_operator, self.make_text_search, self.make_foreign_table, self.make_cast,
                                          self.make_event_trigger, self.make_default_privileges]
        self.pick(makers)()

    def type(self):
        """One for a column."""
        own = self.of_kind("enum", "domain", "composite", "range")
        return self.pick(own) if own and self.chance(3) else self.pick(PLAIN_TYPES)

    def column(self, prefix="c"):
        column = Column(self.name(prefix), self.type())
        if self.chance(3) and not (isinstance(column.type, Object) and column.type.kind in ("composite", "range")):
            column.default = self.default(column.type)
        column.not_null = self.chance(3)
        if column.type in TEXTS and self.chance(5):
            column.collation = '"C"'
        if column.type in TEXTS and self.chance(6):
            column.storage = self.pick(["EXTERNAL", "MAIN"])
        if self.chance(6):
            column.comment = f"column {column.name}"
        return column

    def default(self, type_):
        value = self.pick(values(type_))
        return f"{value}::{type_name(type_)}" if value.startswith("'") else value

    def make_table(self):
        table = Object("table", self.schema(), self.name("t"), columns=[], unlogged=self.chance(9), options={}, key=None, partitions=[], row_security=False,
                       above=None, partition_of=None)
        kind = self.random.randrange(4)
        if kind < 2:
            table.columns.append(Column("id", self.pick(["integer", "bigint"]), not_null=True, identity=self.pick(["ALWAYS", "BY DEFAULT"]) if kind else None))
        table.columns += [self.column() for _ in range(self.random.randint(1, 6))]
        numbers = [each for each in table.columns if each.type in NUMBERS]
        if numbers and self.chance(6):
            table.columns.append(Column(self.name("g"), "numeric", generated=f"{self.pick(numbers).path}::numeric + 1"))
        if self.chance(6):
            table.options["fillfactor"] = self.pick([50, 70])
        if self.chance(6):
            table.comment = f"table {table.name}"
        self.need_types(table)
        self.add(table)
        if kind < 2:
            self.add(Object("constraint", table.schema, f"{table.name}_pkey", table=table, definition="PRIMARY KEY (id)", index=True, needs=[table, (table, table.columns[0])]))
        return table

    @staticmethod
    def need_types(table):
        table.needs = [each for each in table.needs if not (isinstance(each, Object) and each.kind in ("enum", "domain", "composite", "range"))]
        table.needs += [each.type for each in table.columns if isinstance(each.type, Object)]

    def make_partitioned(self):
        table = self.make_table()
        table.unlogged, table.options = False, {}
        for each in [each for each in self.objects if each.kind == "constraint" and each.table is table]:
            self.objects.remove(each)
        for each in table.columns:
            each.identity = None
            each.generated = None
        key = Column(self.name("k"), self.pick(["integer", "date", "text"]), not_null=True)
        table.columns.append(key)
        table.key = (self.pick(["LIST", "RANGE"]) if key.type != "text" else "LIST", key)
        for number in range(self.random.randint(0, 2)):
            self.make_partition(table, number)
        if self.chance(2):
            self.make_partition(table, None)
        if self.chance(2):
            self.add(Object("constraint", table.schema, f"{table.name}_pkey", table=table, definition=f"PRIMARY KEY ({key.path})", index=True, needs=[table, (table, key)]))

    def make_partition(self, table, number):
        how, key = table.key
        if number is None:
            bound = "DEFAULT"
        elif how == "LIST":
            bound = f"FOR VALUES IN ({values(key.type)[number]})"
        else:
            edges = ["0", "2", "3"] if key.type in NUMBERS else ["'2020-01-01'", "'2020-02-01'", "'2020-03-01'"]
            bound = f"FOR VALUES FROM ({edges[number]}) TO ({edges[number + 1]})"
        if any(each.bound == bound for each in table.partitions):
            return
        partition = Object("partition", table.schema, self.name("p"), table=table, bound=bound, needs=[table])
        table.partitions.append(partition)
        self.add(partition)

    def tables(self, plain=False):
        return [each for each in self.of_kind("table") if not plain or (each.key is None and each.above is None)]

    def make_child(self):
        above = [each for each in self.tables(plain=True) if not any(column.identity for column in each.columns)]
        if not above:
            return
        parent = self.pick(above)
        child = self.make_table()
        for each in [each for each in self.objects if each.kind == "constraint" and each.table is child]:
            self.objects.remove(each)
        child.columns = [self.column("x")]
        child.above = parent
        child.needs = [parent]
        child.unlogged = parent.unlogged
        self.need_types(child)

    def with_columns(self, kinds=("table",)):
        """A table and some of its columns which can be sorted."""
        tables = [each for each in self.of_kind(*kinds) if self.sortable(each)]
        if not tables:
            return None, []
        table = self.pick(tables)
        columns = self.sortable(table)
        return table, self.random.sample(columns, min(len(columns), self.random.randint(1, 2)))

    @staticmethod
    def sortable(table):
        def is_sortable(type_):
            if isinstance(type_, Object):
                return type_.kind == "enum" or (type_.kind == "domain" and is_sortable(type_.base)) or type_.kind == "range"
            return type_ not in ("jsonb", "point")
        return [each for each in table.columns if is_sortable(each.type)]

    def make_index(self):
        table, columns = self.with_columns()
        if not table:
            return
        elements = [each.path + self.pick(["", "", " DESC", " NULLS FIRST"]) for each in columns]
        texts = [each for each in columns if each.type in TEXTS]
        if texts and self.chance(3):
            elements[0] = f"lower({texts[0].path})"
        text = f"({', '.join(elements)})"
        if self.chance(6):
            text += " WITH (fillfactor='80')"
        if self.chance(5):
            text += f" WHERE ({columns[0].path} IS NOT NULL)"
        self.add(Object("index", table.schema, self.name("i"), table=table, definition=text, unique=False, needs=[table] + [(table, each) for each in columns]))

    def make_unique(self):
        table, columns = self.with_columns()
        if not table or table.key:
            return
        columns = [each for each in columns if each.type in NUMBERS + TEXTS + ("date", "uuid") and not each.generated]
        if columns:
            text = f"UNIQUE ({', '.join(each.path for each in columns)})" + self.pick(["", "", " DEFERRABLE"])
            self.add(Object("constraint", table.schema, self.name("u"), table=table, definition=text, index=True, needs=[table] + [(table, each) for each in columns]))

    def make_check(self):
        if not self.tables():
            return
        table = self.pick(self.tables())
        columns = [each for each in table.columns if each.type in NUMBERS + TEXTS]
        if columns:
            column = self.pick(columns)
            test = f"{column.path} > 0" if column.type in NUMBERS else f"length({column.path}) < 90"
            self.add(Object("constraint", table.schema, self.name("ck"), table=table, definition=f"CHECK ({test})" + self.pick(["", "", " NOT VALID"] if not table.key else [""]), index=False,
                            needs=[table, (table, column)]))

    def make_foreign_key(self):
        keys = [each for each in self.of_kind("constraint") if each.definition == "PRIMARY KEY (id)"]
        if not keys or not self.tables():
            return
        key, table = self.pick(keys), self.pick(self.tables())
        if key.table.unlogged != table.unlogged:
            return
        columns = [each for each in table.columns if each.type in ("integer", "bigint") and not each.generated]
        if not columns:
            return
        column = self.pick(columns)
        text = f"FOREIGN KEY ({column.path}) REFERENCES {{}} (id)" + self.pick(["", " ON DELETE CASCADE", " ON UPDATE CASCADE", " DEFERRABLE INITIALLY DEFERRED", " MATCH FULL"])
        self.add(Object("foreign key", table.schema, self.name("f"), table=table, definition=text, to=key.table, needs=[table, key, (table, column)]))

    def make_view(self):
        if not self.tables():
            return
        table = self.pick(self.of_kind("table", "view"))
        columns = self.random.sample(table.columns, self.random.randint(1, len(table.columns)))
        made = [Column(each.name, each.type) for each in columns]
        text = f"SELECT {', '.join(each.path for each in columns)} FROM {{}}"
        if self.chance(3):
            text += f" WHERE {columns[0].path} IS NOT NULL"
        options = self.pick(["", "", "", " WITH (security_barrier='true')"])
        self.add(Object("view", self.schema(), self.name("v"), columns=made, of=table, query=text, options=options, needs=[table] + [(table, each) for each in columns]))

    def make_materialized_view(self):
        table, columns = self.with_columns()
        if table:
            text = f"SELECT {', '.join(each.path for each in columns)} FROM {{}}"
            view = self.add(Object("materialized view", self.schema(), self.name("m"), columns=[Column(each.name, each.type) for each in columns], of=table, query=text, options="",
                                   needs=[table] + [(table, each) for each in columns]))
            if self.chance(2):
                self.add(Object("index", view.schema, self.name("i"), table=view, definition=f"({columns[0].path})", unique=False, needs=[view]))

    def make_enum(self):
        self.add(Object("enum", self.schema(), self.name("e"), labels=self.random.sample(["low", "medium", "high", "it's", "Top", "none"], self.random.randint(1, 5))))

    def make_domain(self):
        base = self.pick(["integer", "text", "numeric(12,2)", "character varying(40)"])
        test = self.pick([None, "VALUE IS NOT NULL" if base in TEXTS else "VALUE > 0"])
        self.add(Object("domain", self.schema(), self.name("d"), base=base, check=test, default=self.pick([None, values(base)[0]])))

    def make_composite(self):
        columns = [Column(self.name("a"), self.pick(["integer", "text", "date"])) for _ in range(self.random.randint(1, 3))]
        self.add(Object("composite", self.schema(), self.name("y"), columns=columns))

    def make_range(self):
        self.add(Object("range", self.schema(), self.name("r"), subtype=self.pick(["integer", "numeric"])))

    def make_sequence(self):
        self.add(Object("sequence", self.schema(), self.name("q"), options=self.pick(["", " INCREMENT BY 5", " MINVALUE 3 MAXVALUE 300", " CYCLE", " AS integer CACHE 7"])))

    def make_function(self):
        kind = self.pick(["sql", "plpgsql", "procedure", "of a table"])
        name = self.name("fn")
        if kind == "of a table" and self.tables():
            table = self.pick(self.tables())
            self.add(Object("function", self.schema(), name, arguments="", text="RETURNS SETOF {} LANGUAGE sql STABLE AS $$ SELECT * FROM {} $$", of=table, needs=[table]))
        elif kind == "procedure":
            self.add(Object("function", self.schema(), name, arguments="a integer", text="LANGUAGE plpgsql AS $$ BEGIN NULL; END $$", of=None, procedure=True))
        else:
            enums = self.of_kind("enum", "domain")
            type_ = self.pick(enums) if enums and self.chance(2) else "integer"
            text = f"RETURNS {type_name(type_)} LANGUAGE {'sql' if kind != 'plpgsql' else 'plpgsql'}{self.pick(['', ' IMMUTABLE', ' STRICT', ' SECURITY DEFINER', ' COST 7'])} AS "
            text += "$$ SELECT $1 $$" if kind != "plpgsql" else "$$ BEGIN RETURN $1; END $$"
            self.add(Object("function", self.schema(), name, arguments=f"a {type_name(type_)}", text=text, of=None, needs=[type_] if isinstance(type_, Object) else []))

    def make_trigger(self):
        if self.tables():
            table = self.pick(self.tables())
            state = self.pick(["", "", "DISABLE", "ENABLE ALWAYS"])
            self.add(Object("trigger", table.schema, self.name("tr"), table=table, state=state, needs=[table]))

    def make_policy(self):
        if self.tables():
            table = self.pick(self.tables())
            table.row_security = True
            self.add(Object("policy", table.schema, self.name("po"), table=table, text=self.pick(["FOR SELECT USING (true)", "TO roundtrip_one USING (true) WITH CHECK (false)", "AS RESTRICTIVE FOR DELETE USING (false)"]), needs=[table]))

    def make_rule(self):
        tables = self.tables(plain=True)
        if tables:
            table = self.pick(tables)
            self.add(Object("rule", table.schema, self.name("ru"), table=table, needs=[table]))

    def make_statistics(self):
        table, columns = self.with_columns()
        if table and len(columns) == 2 and not any(each.generated for each in columns):
            self.add(Object("statistics", table.schema, self.name("st"), table=table, columns=[each for each in columns], needs=[table] + [(table, each) for each in columns]))

    def make_aggregate(self):
        self.add(Object("aggregate", self.schema(), self.name("ag"), initial=self.pick(["0", "5"])))

    def make_publication(self):
        tables = [each for each in self.tables() if not each.unlogged]
        if tables:
            some = self.random.sample(tables, min(2, len(tables)))
            self.add(Object("publication", "", self.name("pb"), tables=some, publish=self.pick(["insert", "insert, truncate"]), needs=list(some)))

    def make_collation(self):
        self.add(Object("collation", self.schema(), self.name("co"), locale=self.pick(["C", "POSIX"])))

    def make_grant(self):
        objects = self.of_kind("table", "view", "sequence", "schema")
        object_ = self.pick(objects)
        rights = {"table": ["SELECT", "INSERT, UPDATE", "ALL"], "view": ["SELECT"], "sequence": ["USAGE"], "schema": ["USAGE", "CREATE"]}[object_.kind]
        role = self.pick(["roundtrip_one", "roundtrip_two", "PUBLIC"])
        if not any(each.kind == "grant" and each.on is object_ and each.role == role for each in self.objects):
            self.add(Object("grant", "", self.name("gr"), on=object_, rights=self.pick(rights), role=role, needs=[object_]))

    def make_operator(self):
        self.add(Object("operator", self.schema(), self.name("o"), sign=self.pick("%@#") + "".join("<>=|"[int(digit, 8) % 4] * (1 + int(digit, 8) // 4) for digit in f"{self.last:o}")))

    def make_text_search(self):
        self.add(Object("text search", self.schema(), self.name("ts"), map=self.pick(["simple", "english_stem"])))

    def make_foreign_table(self):
        if not self.of_kind("server"):
            self.add(Object("server", "", self.name("sv"), version=self.pick(["1", "2"])))
        server = self.pick(self.of_kind("server"))
        self.add(Object("foreign table", self.schema(), self.name("ft"), columns=[Column(self.name("c"), "integer"), Column(self.name("c"), "text")], server=server, needs=[server]))

    def make_cast(self):
        types = [each for each in self.of_kind("composite") if not any(other.kind == "cast" and other.type is each for other in self.objects)]
        if types:
            type_ = self.pick(types)
            self.add(Object("cast", "", self.name("ca"), type=type_, needs=[type_]))

    def make_event_trigger(self):
        self.add(Object("event trigger", self.schema(), self.name("et"), tag=self.pick(["CREATE CAST", "DROP LANGUAGE"])))

    def make_default_privileges(self):
        schema = self.pick(self.of_kind("schema"))
        if not any(each.kind == "default privileges" and each.of is schema for each in self.objects):
            self.add(Object("default privileges", "", self.name("dp"), of=schema, rights=self.pick(["SELECT", "INSERT, SELECT"]), needs=[schema]))

    # ---- what becomes of it

    def change_any(self):
        changes = [self.make_any] * 4 + [self.drop_any] * 3 + [self.add_column] * 3 + [self.drop_column] * 2 + [self.retype] * 3 + [self.change_column] * 4
        changes += [self.change_enum] * 2 + [self.rename_table, self.rename_column, self.change_bound, self.retype_key, self.change_other, self.change_other, self.move, self.recomment, self.recomment]
        self.pick(changes)()

    def stands_on(self, object_, column=None):
        return [each for each in self.objects if any(need is object_ if column is None else isinstance(need, tuple) and need[0] is object_ and need[1] is column for need in each.needs)]

    def drop(self, object_):
        for each in self.stands_on(object_):
            if each in self.objects:
                self.drop(each)
        if object_ in self.objects:
            self.objects.remove(object_)
        if object_.kind == "partition":
            object_.table.partitions.remove(object_)

    def drop_any(self):
        self.drop(self.pick(each for each in self.objects if each.kind != "schema") if len(self.of_kind("schema")) < len(self.objects) else self.make_table())

    def add_column(self):
        if self.tables():
            table = self.pick(self.tables())
            column = self.column("n")
            # Rows need a value.
            column.not_null = column.not_null and column.default is not None
            table.columns.insert(self.random.randint(0, len(table.columns)), column)
            self.need_types(table)
            self.reorder()

    def free_columns(self, table):
        return [each for each in table.columns if each.name != "id" and not (table.key and each is table.key[1]) and not any(other.generated and each.path in other.generated for other in table.columns)]

    def drop_column(self):
        tables = [each for each in self.tables() if len(each.columns) > 2 and self.free_columns(each)]
        if tables:
            table = self.pick(tables)
            column = self.pick(self.free_columns(table))
            for each in self.stands_on(table, column):
                if each in self.objects:
                    self.drop(each)
            table.columns.remove(column)
            self.need_types(table)

    def retype(self):
        """Views get the type, too."""
        tables = [(table, column) for table in self.tables() for column in self.free_columns(table) if column.type in WIDER and not column.generated]
        tables = [each for each in tables if not any(other.kind in ("foreign key", "constraint") for other in self.stands_on(*each))]
        if tables:
            table, column = self.pick(tables)
            column.type = self.pick(WIDER[column.type])
            if column.default is not None:
                column.default = self.default(column.type)
            if column.type not in TEXTS:
                column.collation = column.storage = None
                for each in self.stands_on(table, column):
                    if each in self.objects and each.kind in ("index", "constraint"):
                        self.drop(each)
            self.retype_views(table, column)

    def retype_views(self, of, column):
        for view in self.of_kind("view", "materialized view"):
            if view.of is of:
                for mine in view.columns:
                    if mine.name == column.name:
                        mine.type = column.type
                        self.retype_views(view, mine)

    def change_column(self):
        tables = [(table, column) for table in self.tables() for column in self.free_columns(table) if not column.generated]
        if not tables:
            return
        table, column = self.pick(tables)
        what = self.random.randrange(5)
        if what == 0 and not (isinstance(column.type, Object) and column.type.kind in ("composite", "range")):
            column.default = None if column.default is not None else self.default(column.type)
        elif what == 1:
            column.not_null = not column.not_null
        elif what == 2 and column.type in TEXTS:
            column.collation = None if column.collation else '"C"'
        elif what == 3 and column.type in TEXTS:
            column.storage = self.pick([each for each in (None, "EXTERNAL", "MAIN") if each != column.storage])
        else:
            column.comment = None if column.comment else f"comment on {column.name}"

    def change_enum(self):
        enums = self.of_kind("enum")
        if not enums:
            return
        enum = self.pick(enums)
        what = self.random.randrange(3)
        if what == 0:
            enum.labels.insert(self.random.randint(0, len(enum.labels)), f"new {self.last}")
            self.last += 1
        elif what == 1:
            self.random.shuffle(enum.labels)
        elif len(enum.labels) > 1:
            gone = enum.labels.pop()
            for table in self.tables():
                for column in table.columns:
                    if column.type is enum and column.default and literal(gone) in column.default:
                        column.default = None

    def rename_table(self):
        tables = [each for each in self.tables() if each in self.renamable]
        if tables and not self.renames:
            table = self.pick(tables)
            old = table.path
            schemas = [each.name for each in self.of_kind("schema") if each.name != table.schema]
            if schemas and self.chance(2):
                table.schema = self.pick(schemas)
                for each in self.of_kind("index", "trigger", "policy", "constraint", "rule"):
                    if each.table is table:
                        each.schema = table.schema
            if table.path == old or self.chance(2):
                table.name += "_renamed"
            self.renames.append((table, None, f"{old}:{table.path}"))

    def rename_column(self):
        tables = [(table, column) for table in self.tables() if table in self.renamable and table.above is None for column in self.free_columns(table) if column in self.renamable and not self.stands_on(table, column)]
        if tables and not self.renames:
            table, column = self.pick(tables)
            old = column.path
            column.name += "_renamed"
            self.renames.append((table, column, f"{table.path}.{old}:{column.path}"))

    def change_bound(self):
        partitioned = [each for each in self.tables() if each.key]
        if partitioned:
            table = self.pick(partitioned)
            self.make_partition(table, self.pick([None, 0, 1]))

    def retype_key(self):
        """The bounds stay what they are."""
        partitioned = [each for each in self.tables() if each.key and each.key[1].type in WIDER]
        if not partitioned:
            return
        table = self.pick(partitioned)
        how, key = table.key
        types = [each for each in WIDER[key.type] if how == "LIST" or each not in TEXTS]
        if not types or any(each.kind == "foreign key" for each in self.stands_on(table, key)):
            return
        was, key.type = key.type, self.pick(types)
        if was not in TEXTS and key.type in TEXTS:
            for each in self.stands_on(table, key):
                if each in self.objects and "CHECK" in getattr(each, "definition", ""):
                    self.drop(each)
        if key.default is not None:
            key.default = self.default(key.type)
        table.retyped = True
        self.retype_views(table, key)

    def change_other(self):
        changeable = [each for each in self.objects if each.kind in ("sequence", "trigger", "domain", "view", "aggregate", "server", "publication", "function", "collation", "index", "grant", "composite", "policy", "table")]
        if not changeable:
            return
        each = self.pick(changeable)
        if each.kind == "sequence":
            each.options = self.pick(["", " INCREMENT BY 5", " CYCLE", " AS integer CACHE 7"])
        elif each.kind == "trigger":
            each.state = self.pick(["", "DISABLE", "ENABLE ALWAYS"])
        elif each.kind == "domain":
            each.check = self.pick([None, "VALUE IS NOT NULL"])
        elif each.kind == "view":
            each.options = self.pick(["", " WITH (security_barrier='true')", " WITH (security_invoker='true')"])
        elif each.kind == "aggregate":
            each.initial = self.pick(["0", "7"])
        elif each.kind == "server":
            each.version = self.pick(["1", "2", "3"])
        elif each.kind == "publication":
            each.publish = self.pick(["insert", "update, delete", "insert, truncate"])
        elif each.kind == "function" and not hasattr(each, "procedure"):
            each.text = each.text.replace("STABLE", "VOLATILE") if "STABLE" in each.text else each.text.replace(" AS $$", " PARALLEL SAFE AS $$", "PARALLEL" not in each.text)
        elif each.kind == "collation":
            each.locale = self.pick(["C", "POSIX"])
        elif each.kind == "index" and each.table.kind == "table" and not each.table.key:
            each.definition += " TABLESPACE pg_default" if "WHERE" not in each.definition and "TABLESPACE" not in each.definition else ""
        elif each.kind == "grant":
            each.role = self.pick(["roundtrip_one", "roundtrip_two"])
            others = [other for other in self.of_kind("grant") if other is not each and other.on is each.on and other.role == each.role]
            for other in others:
                self.drop(other)
        elif each.kind == "composite":
            each.columns.append(Column(self.name("a"), "text"))
        elif each.kind == "policy":
            each.text = self.pick(["FOR SELECT USING (true)", "FOR SELECT USING (false)", "TO roundtrip_two USING (true)"])
        elif each.kind == "table" and not each.key:
            each.options = {} if each.options else {"fillfactor": 60}

    def move(self):
        """Of a trigger to another table, of a foreign key to other actions: what has the same name and is another one."""
        triggers = self.of_kind("trigger")
        if triggers and self.tables():
            trigger, table = self.pick(triggers), self.pick(self.tables())
            trigger.table, trigger.schema, trigger.needs = table, table.schema, [table]
            self.reorder()

    def recomment(self):
        commented = self.of_kind("table", "view", "function", "index", "enum", "domain", "schema", "sequence", "constraint", "trigger", "policy", "materialized view")
        each = self.pick(commented)
        each.comment = None if each.comment else f"comment on {each.name}"

    def reorder(self):
        """Each behind what it needs."""
        done, todo = [], list(self.objects)
        while todo:
            for each in todo:
                needs = [need[0] if isinstance(need, tuple) else need for need in each.needs]
                if all(need in done for need in needs):
                    done.append(each)
                    todo.remove(each)
                    break
            else:
                raise AssertionError("a circle")
        self.objects = done


# ---- as SQL

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
        yield f"CREATE TABLE {path} PARTITION OF {each.table.path} {each.bound}"
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
        yield f"CREATE {kind.upper()} {path}{each.options} AS {each.query.format(each.of.path)}"
    elif kind == "enum":
        yield f"CREATE TYPE {path} AS ENUM ({', '.join(map(literal, each.labels))})"
    elif kind == "domain":
        yield f"CREATE DOMAIN {path} AS {each.base}" + (f" DEFAULT {each.default}" if each.default else "") + (f" CONSTRAINT c CHECK ({each.check})" if each.check else "")
    elif kind == "composite":
        yield f"CREATE TYPE {path} AS ({', '.join(column.clause() for column in each.columns)})"
    elif kind == "range":
        yield f"CREATE TYPE {path} AS RANGE (SUBTYPE = {each.subtype})"
    elif kind == "sequence":
        yield f"CREATE SEQUENCE {path}{each.options}"
    elif kind == "function":
        of = [each.of.path] * 2 if each.of else []
        yield f"CREATE {'PROCEDURE' if hasattr(each, 'procedure') else 'FUNCTION'} {path}({each.arguments}) {each.text.format(*of) if of else each.text}"
    elif kind == "trigger":
        yield f"CREATE TRIGGER {quoted(each.name)} AFTER UPDATE ON {each.table.path} FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger('x')"
        if each.state:
            yield f"ALTER TABLE {each.table.path} {each.state if each.state != 'DISABLE' else 'DISABLE'} TRIGGER {quoted(each.name)}"
    elif kind == "policy":
        yield f"CREATE POLICY {quoted(each.name)} ON {each.table.path} {each.text}"
    elif kind == "rule":
        yield f"CREATE RULE {quoted(each.name)} AS ON DELETE TO {each.table.path} DO INSTEAD NOTHING"
    elif kind == "statistics":
        yield f"CREATE STATISTICS {path} ON {', '.join(column.path for column in each.columns)} FROM {each.table.path}"
    elif kind == "aggregate":
        yield f"CREATE AGGREGATE {path}(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '{each.initial}')"
    elif kind == "publication":
        yield f"CREATE PUBLICATION {path} FOR TABLE {', '.join('ONLY ' + table.path for table in each.tables)} WITH (publish = '{each.publish}')"
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


def ddl(objects):
    return "".join(f"{sql};\n" for each in objects for sql in statements_of(each))


def rows(objects):
    """Three for each table, as far as its partitions have a place for them."""
    text = "SET session_replication_role = replica;\n"
    for table in objects:
        if table.kind != "table" or any(each.kind == "rule" and each.table is table for each in objects):
            continue
        inherited = table.above.columns if table.above else []
        columns = [column for column in inherited + table.columns if not column.generated]
        for number in range(3):
            found = [values(column.type)[number] for column in columns]
            text += f"INSERT INTO {table.path} ({', '.join(column.path for column in columns)}) OVERRIDING SYSTEM VALUE VALUES ({', '.join(found)});\n"
    return text
