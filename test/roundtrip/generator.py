# SPDX-License-Identifier: PostgreSQL
"""Random schemas, and what somebody may have made of one a while later.

A schema is a list of objects in an order in which they can be created. An object knows those that it stands on; one that goes takes along what stands
on it. `Generator(seed).pair()` has the one and the other, the renames between them, and rows for the first.
"""
import copy

from maker import Maker
from objects import NUMBERS, TEXTS, WIDER, Column, Object, ground, has_parts, literal, root


class Generator(Maker):
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

    # ---- what becomes of it

    def change_any(self):
        changes = [self.make_any] * 4 + [self.drop_any] * 3 + [self.add_column] * 3 + [self.drop_column] * 2 + [self.retype] * 3 + [self.change_column] * 4
        changes += [self.change_enum] * 2 + [self.rename_table, self.rename_column, self.rename_constraint, self.rename_argument, self.change_bound, self.detach, self.retype_key, self.change_other, self.change_other, self.move, self.recomment, self.recomment]
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

    def is_key(self, table, column):
        return any(each.key and each.key[1] is column and root(each) is table for each in self.of_kind("table", "partition"))

    def free_columns(self, table):
        return [each for each in table.columns if each.name != "id" and not self.is_key(table, each) and not any(other.generated and each.path in other.generated for other in table.columns)]

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
            self.drop_calls(table, column)
            self.retype_views(table, column)

    def drop_calls(self, table, column):
        """A function takes the type that the column had."""
        for each in self.stands_on(table, column):
            if each in self.objects and each.kind in ("index", "constraint") and any(isinstance(need, Object) and need.kind == "function" for need in each.needs):
                self.drop(each)

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
        if what == 0 and not has_parts(column.type):
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
                    if ground(column.type) is enum and column.default and literal(gone) in column.default:
                        column.default = None
            for domain in self.of_kind("domain"):
                if ground(domain) is enum and domain.default and literal(gone) in domain.default:
                    domain.default = None

    def rename_table(self):
        tables = [each for each in self.tables() if each in self.renamable]
        if tables and not self.renames:
            table = self.pick(tables)
            old = table.path
            schemas = [each.name for each in self.of_kind("schema") if each.name != table.schema]
            if schemas and self.chance(2):
                table.schema = self.pick(schemas)
                for each in self.of_kind("index", "trigger", "policy", "constraint", "rule", "serial"):
                    if each.table is table:
                        each.schema = table.schema
            if table.path == old or self.chance(2):
                table.name += "_renamed"
            self.renames.append((table, None, f"{old}:{table.path}"))

    def rename_column(self):
        tables = [(table, column) for table in self.tables() if table in self.renamable and table.above is None and not table.keeps_names for column in self.free_columns(table) if column in self.renamable and not self.stands_on(table, column)]
        if tables and not self.renames:
            table, column = self.pick(tables)
            old = column.path
            column.name += "_renamed"
            self.renames.append((table, column, f"{table.path}.{old}:{column.path}"))

    def rename_constraint(self):
        constraints = [each for each in self.of_kind("constraint", "foreign key") if each in self.renamable]
        if constraints:
            self.pick(constraints).name += "_n"

    def rename_argument(self):
        """No function is replaced by one whose arguments have other names."""
        functions = [each for each in self.of_kind("function") if each.arguments.startswith("a ") and each in self.renamable]
        if functions:
            function = self.pick(functions)
            function.arguments = "b" + function.arguments[1:]

    def detach(self):
        """A partition becomes a table."""
        partitions = [each for each in self.of_kind("partition") if not each.key and each in self.renamable]
        if not partitions:
            return
        partition = self.pick(partitions)
        if self.renames and self.renames[0][0] is root(partition):
            return
        self.drop(partition)
        root(partition).keeps_names = True
        table = Object("table", partition.schema, partition.name, columns=[copy.copy(each) for each in root(partition).columns], unlogged=False, options={}, key=None, partitions=[],
                       row_security=False, above=None, partition_of=None)
        for each in table.columns:
            each.comment = None
        self.need_types(table)
        self.add(table)

    def change_bound(self):
        partitioned = [each for each in self.of_kind("table", "partition") if each.key]
        if partitioned:
            self.make_partition(self.pick(partitioned), self.pick([None, 0, 1]))

    def is_referenced(self, table):
        return any(each.to is table for each in self.of_kind("foreign key"))

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
        if self.is_referenced(table):
            types = [each for each in types if each in NUMBERS]
            if not types:
                return
        was, key.type = key.type, self.pick(types)
        self.drop_calls(table, key)
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
        triggers = [each for each in self.of_kind("trigger") if not each.column]
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
