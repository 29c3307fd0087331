# SPDX-License-Identifier: PostgreSQL
"""Random objects, each at home among those that there are."""
import copy
import random

from objects import NUMBERS, PLAIN_TYPES, TEXTS, Array, Column, Object, all_columns, ground, has_parts, root, type_name, values


class Maker:
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

    def copy(self):
        return copy.deepcopy(self.objects)

    def make_any(self):
        makers = [self.make_table] * 8 + [self.make_index] * 5 + [self.make_view] * 4 + [self.make_foreign_key] * 4 + [self.make_function] * 3
        makers += [self.make_enum] * 3 + [self.make_domain] * 2 + [self.make_composite, self.make_sequence, self.make_trigger, self.make_policy, self.make_partitioned,
                                          self.make_partitioned, self.make_child, self.make_check, self.make_unique, self.make_range, self.make_statistics,
                                          self.make_materialized_view, self.make_aggregate, self.make_rule, self.make_publication, self.make_collation,
                                          self.make_grant, self.make_operator, self.make_text_search, self.make_foreign_table, self.make_cast,
                                          self.make_event_trigger, self.make_default_privileges, self.make_serial, self.make_exclusion,
                                          self.make_body, self.make_partition_below, self.make_foreign_key, self.make_policy]
        self.pick(makers)()

    def type(self):
        """One for a column."""
        own = self.of_kind("enum", "domain", "composite", "range")
        if not own or not self.chance(3):
            return self.pick(PLAIN_TYPES)
        return Array(self.pick(own)) if self.chance(4) else self.pick(own)

    def column(self, prefix="c"):
        column = Column(self.name(prefix), self.type())
        if self.chance(3) and not has_parts(column.type):
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
            called, integers = self.called(), [each for each in numbers if each.type == "integer"]
            if called and integers and self.chance(2):
                table.columns.append(Column(self.name("g"), "integer", generated=f"{called.path}({self.pick(integers).path})"))
                table.needs.append(called)
            else:
                table.columns.append(Column(self.name("g"), "numeric", generated=f"{self.pick(numbers).path}::numeric + 1"))
        if self.chance(6):
            table.options["fillfactor"] = self.pick([50, 70])
        if self.chance(6):
            table.comment = f"table {table.name}"
        self.need_types(table)
        self.add(table)
        if kind < 2:
            self.add(Object("constraint", table.schema, f"{table.name}_pkey", table=table, definition="PRIMARY KEY (id)", index=True, key=table.columns[0], needs=[table, (table, table.columns[0])]))
        return table

    @staticmethod
    def need_types(table):
        table.needs = [each for each in table.needs if not (isinstance(each, Object) and each.kind in ("enum", "domain", "composite", "range"))]
        table.needs += [each.type.of if isinstance(each.type, Array) else each.type for each in table.columns if isinstance(each.type, Object)]

    def called(self):
        """A function of an integer that indexes and the like can call."""
        functions = [each for each in self.of_kind("function") if "IMMUTABLE" in each.text and each.arguments == "a integer"]
        return self.pick(functions) if functions else None

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
        table.unique_key = self.chance(2)
        for number in range(self.random.randint(0, 2)):
            self.make_partition(table, number)
        if self.chance(2):
            self.make_partition(table, None)
        if table.unique_key:
            self.add(Object("constraint", table.schema, f"{table.name}_pkey", table=table, definition=f"PRIMARY KEY ({key.path})", index=True, key=key, needs=[table, (table, key)]))

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
        partition = Object("partition", root(table).schema, self.name(self.pick(["p", "p", "a", "zz"])), table=table, bound=bound, key=None, partitions=[], needs=[table])
        table.partitions.append(partition)
        self.add(partition)
        return partition

    def make_partition_below(self):
        """Of a partition, by the same column where all that is unique has that one, else by any."""
        partitioned = [each for each in self.of_kind("table", "partition") if each.key]
        if not partitioned:
            return
        above = self.pick(partitioned)
        partition = self.make_partition(above, self.pick([None, 0, 1]))
        if not partition:
            return
        top = root(above)
        columns = [top.key[1]] if top.unique_key else [each for each in top.columns if each.type in ("integer", "bigint", "date", "text")]
        column = self.pick(columns or [top.key[1]])
        partition.key = (self.pick(["LIST", "RANGE"]) if column.type in ("integer", "bigint", "date") else "LIST", column)
        for number in self.pick([[0], [None], [0, 1], [0, None], [1, None]]):
            self.make_partition(partition, number)

    def tables(self, plain=False):
        return [each for each in self.of_kind("table") if not plain or (each.key is None and each.above is None)]

    def make_child(self):
        above = [each for each in self.tables() if not each.key and not any(column.identity for column in all_columns(each))]
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

    @staticmethod
    def inherits(table):
        return getattr(table, "above", None) is not None

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
        called, integers = self.called(), [each for each in columns if each.type == "integer"]
        if called and integers and self.chance(2):
            elements[-1] = f"{called.path}({integers[0].path})"
            columns = columns + integers[:1]
        else:
            called = None
        text = f"({', '.join(elements)})"
        if self.chance(6):
            text += " WITH (fillfactor='80')"
        if self.chance(5):
            text += f" WHERE ({columns[0].path} IS NOT NULL)"
        self.add(Object("index", table.schema, self.name("i"), table=table, definition=text, unique=False,
                        needs=[table] + [(table, each) for each in columns] + [called] * bool(called)))

    def make_exclusion(self):
        tables = [(table, column) for table in self.tables() for column in table.columns
                  if not table.key and (column.type == "int4range" or isinstance(column.type, Object) and column.type.kind == "range")]
        if tables:
            table, column = self.pick(tables)
            self.add(Object("constraint", table.schema, self.name("x"), table=table, definition=f"EXCLUDE USING gist ({column.path} WITH &&)", index=True, needs=[table, (table, column)]))

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
            called = self.called() if column.type == "integer" else None
            test = f"{called.path}({column.path}) > 0" if called else f"{column.path} > 0" if column.type in NUMBERS else f"length({column.path}) < 90"
            self.add(Object("constraint", table.schema, self.name("ck"), table=table, definition=f"CHECK ({test})" + self.pick(["", "", " NOT VALID"] if not table.key else [""]), index=False,
                            needs=[table, (table, column)] + [called] * bool(called)))

    def make_foreign_key(self):
        """To a partitioned table only where each row has had a place."""
        def takes_all(table):
            return not table.key or any(each.bound == "DEFAULT" and takes_all(each) for each in table.partitions)
        keys = [each for each in self.of_kind("constraint") if each.definition.startswith("PRIMARY KEY") and takes_all(each.table)]
        if not keys or not self.tables():
            return
        key, table = self.pick(keys), self.pick(self.tables())
        if key.table.unlogged != table.unlogged:
            return
        types = ["integer", "bigint"] if key.key.type in NUMBERS else {"date": ["date"], "text": TEXTS}.get(key.key.type, [])
        columns = [each for each in table.columns if each.type in types and not each.generated]
        if not columns:
            return
        column = self.pick(columns)
        text = f"FOREIGN KEY ({column.path}) REFERENCES {{}} ({key.key.path})" + self.pick(["", " ON DELETE CASCADE", " ON UPDATE CASCADE", " DEFERRABLE INITIALLY DEFERRED", " MATCH FULL"])
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
        view = Object("view", self.schema(), self.name("v"), columns=made, of=table, query=text, options=options, needs=[table] + [(table, each) for each in columns])
        keys = [each for each in self.of_kind("constraint") if each.table is table and each.definition.startswith("PRIMARY KEY")]
        if self.chance(4):
            self.see_through(view)
            seen = Column(self.name("w"), view.through[1].type)
            view.query = f"SELECT {', '.join('m.' + each.path for each in columns)}, {{name}} AS {seen.path} FROM {{}} AS m, {{table}}"
            view.columns.append(seen)
        elif keys and self.chance(3):
            view.query = f"SELECT {', '.join('m.' + each.path for each in columns)} FROM {{}} AS m GROUP BY m.{keys[0].key.path}"
            view.needs += [keys[0], (table, keys[0].key)]
        self.add(view)

    def see_through(self, object_):
        """It names a column of something else by a list of names, in the order of the columns. (That of a table which inherits is not one that CREATE TABLE makes
        once the one above has got a column.)"""
        other = self.pick(each for each in self.of_kind("table", "view") if not self.inherits(each))
        object_.through = other, self.pick(other.columns)
        object_.needs += [other, object_.through]

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
        own = self.of_kind("enum", "domain")
        base = self.pick(own) if own and self.chance(4) else self.pick(["integer", "text", "numeric(12,2)", "character varying(40)"])
        test = self.pick([None, "VALUE > 0" if ground(base) in NUMBERS else "VALUE IS NOT NULL"])
        self.add(Object("domain", self.schema(), self.name("d"), base=base, check=test, default=self.pick([None, values(base)[0]]), needs=[base] if isinstance(base, Object) else []))

    def make_composite(self):
        columns = [Column(self.name("a"), self.pick(["integer", "text", "date"] + self.of_kind("enum"))) for _ in range(self.random.randint(1, 3))]
        self.add(Object("composite", self.schema(), self.name("y"), columns=columns, needs=[each.type for each in columns if isinstance(each.type, Object)]))

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

    def make_body(self):
        """A function whose body the server keeps as a tree."""
        if not self.tables():
            return
        table = self.pick(self.tables())
        column = self.pick(table.columns)
        keys = [each for each in self.of_kind("constraint") if each.table is table and each.definition == "PRIMARY KEY (id)"]
        function = Object("function", self.schema(), self.name("fb"), arguments="", of=table, needs=[table, (table, column)])
        if keys and self.chance(2):
            body, function.needs = "void LANGUAGE sql BEGIN ATOMIC INSERT INTO {} (id) OVERRIDING SYSTEM VALUE VALUES (1) ON CONFLICT (id) DO NOTHING", [table, keys[0]]
        elif self.chance(3) and not self.inherits(table):
            body, function.needs = "SETOF {} LANGUAGE sql BEGIN ATOMIC SELECT m FROM {} AS m", [table]
        else:
            body = f"bigint LANGUAGE sql BEGIN ATOMIC SELECT count(m.{column.path}) FROM {{}} AS m"
        function.text = f"RETURNS {body}; END"
        self.add(function)

    def make_serial(self):
        tables = [(table, column) for table in self.tables(plain=True) for column in table.columns
                  if column.type in ("integer", "bigint") and not column.generated and not column.identity and not any(each.kind == "serial" and each.column is column for each in self.objects)]
        if tables:
            table, column = self.pick(tables)
            self.add(Object("serial", table.schema, self.name("q"), table=table, column=column, needs=[table, (table, column)]))

    def make_trigger(self):
        if self.tables():
            table = self.pick(self.tables())
            state = self.pick(["", "", "DISABLE", "ENABLE ALWAYS"])
            trigger = Object("trigger", table.schema, self.name("tr"), table=table, state=state, constraint=self.pick(["", "", "", "CONSTRAINT "]), needs=[table])
            columns = [each for each in table.columns if not each.generated]
            if columns and self.chance(3):
                trigger.column = self.pick(columns)
                trigger.needs.append((table, trigger.column))
            self.add(trigger)

    def make_policy(self):
        if self.tables():
            table = self.pick(self.tables())
            table.row_security = True
            policy = Object("policy", table.schema, self.name("po"), table=table, needs=[table],
                            text=self.pick(["FOR SELECT USING (true)", "TO roundtrip_one USING (true) WITH CHECK (false)", "AS RESTRICTIVE FOR DELETE USING (false)"]))
            if self.chance(2):
                self.see_through(policy)
                policy.text = "FOR SELECT USING (EXISTS (SELECT FROM {table} WHERE {name} IS NOT NULL))"
            self.add(policy)

    def make_rule(self):
        tables = self.tables(plain=True)
        if tables:
            table = self.pick(tables)
            rule = Object("rule", table.schema, self.name("ru"), table=table, text="INSTEAD NOTHING", needs=[table])
            if self.chance(2):
                self.see_through(rule)
                rule.text = "ALSO SELECT {name} FROM {table}"
            self.add(rule)

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
            publication = Object("publication", "", self.name("pb"), tables=some, publish=self.pick(["insert", "insert, truncate"]), needs=list(some))
            columns = [each for each in some[0].columns if not each.generated]
            if len(some) == 1 and columns and not some[0].key and self.chance(2):
                publication.column = self.pick(columns)
                publication.needs.append((some[0], publication.column))
            self.add(publication)

    def make_collation(self):
        self.add(Object("collation", self.schema(), self.name("co"), locale=self.pick(["C", "POSIX"])))

    def make_grant(self):
        objects = self.of_kind("table", "view", "sequence", "schema")
        object_ = self.pick(objects)
        rights = {"table": ["SELECT", "INSERT, UPDATE", "ALL"], "view": ["SELECT"], "sequence": ["USAGE"], "schema": ["USAGE", "CREATE"]}[object_.kind]
        role = self.pick(["roundtrip_one", "roundtrip_two", "PUBLIC"])
        if not any(each.kind == "grant" and each.on is object_ and each.role == role for each in self.objects):
            grant = Object("grant", "", self.name("gr"), on=object_, rights=self.pick(rights), role=role, needs=[object_])
            if object_.kind == "table" and self.chance(3):
                column = self.pick(object_.columns)
                grant.rights = f"SELECT ({column.path}), UPDATE ({column.path})"
                grant.needs.append((object_, column))
            self.add(grant)

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
