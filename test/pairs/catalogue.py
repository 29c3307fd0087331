# SPDX-License-Identifier: PostgreSQL
"""All rows of a database's system catalogues that are not the server's own, with names for OIDs and column numbers.

Which columns refer to what is what the server says of itself (pg_get_catalog_foreign_keys()), so that a column that a version of the server adds is read
without a line here. What is left out is in this file, each with its reason.
"""
import re

FIRST_NORMAL_OID = 16384

# Whole catalogues.
NOT_READ = {
    "pg_statistic": "ANALYZE", "pg_statistic_ext_data": "ANALYZE", "pg_largeobject": "data", "pg_largeobject_metadata": "data", "pg_init_privs": "the server's and extensions'",
    "pg_authid": "cluster", "pg_auth_members": "cluster", "pg_database": "cluster", "pg_db_role_setting": "cluster", "pg_parameter_acl": "cluster",
    "pg_replication_origin": "cluster", "pg_shdepend": "cluster", "pg_shdescription": "cluster", "pg_shseclabel": "cluster",
    "pg_subscription_rel": "state", "pg_tablespace": "cluster",
}

# By catalogue, or for all of them.
NOT_COMPARED = {
    "oid": "its name is",
    "pg_class.relnatts": "with those that were dropped", "pg_class.relfilenode": "storage", "pg_class.relpages": "ANALYZE", "pg_class.reltuples": "ANALYZE",
    "pg_class.relallvisible": "VACUUM", "pg_class.relallfrozen": "VACUUM", "pg_class.relfrozenxid": "VACUUM", "pg_class.relminmxid": "VACUUM", "pg_class.relrewrite": "of the moment",
    "pg_class.relhasindex": "may stay true", "pg_class.relhasrules": "may stay true", "pg_class.relhastriggers": "may stay true", "pg_class.relhassubclass": "may stay true",
    "pg_class.reltoastrelid": "see TOAST", "pg_class.relispopulated": "data",
    "pg_attribute.attnum": "the order of columns, which ALTER TABLE cannot change", "pg_attribute.attcacheoff": "of the moment", "pg_attribute.attndims": "format_type() does not know it",
    "pg_attribute.atthasmissing": "storage", "pg_attribute.attmissingval": "storage",
    "pg_extension.extversion": "a dump does not name it",
    "pg_index.indcheckxmin": "of the moment", "pg_constraint.contypid": "in the row's name",
    "pg_subscription.subdbid": "this one", "pg_subscription.subskiplsn": "of the moment",
    "pg_trigger.tgname": "in the row's name", "pg_depend.objid": "in the row's name", "pg_depend.objsubid": "in the row's name", "pg_depend.classid": "in the row's name",
}

# Of several unique indexes on what a foreign key refers to, the server takes the first that it comes to when it makes the key.
ONE_OF_SEVERAL = ("(SELECT count(*) > 1 FROM pg_index own JOIN pg_index i ON i.indrelid = own.indrelid AND i.indisunique AND i.indnkeyatts = own.indnkeyatts"
                  " AND i.indkey::int2[] @> own.indkey::int2[] AND i.indkey::int2[] <@ own.indkey::int2[] WHERE own.indexrelid = {})")

# Expressions, and what is in an order that means nothing. %s is the row.
READ_AS = {
    "pg_constraint.conindid": "CASE WHEN r.contype = 'f' AND " + ONE_OF_SEVERAL.format("r.conindid") + " THEN 'one of several'"
                              " ELSE (SELECT identity FROM pg_identify_object('pg_class'::regclass, r.conindid, 0)) END",
    "pg_class.relpartbound": "pg_get_expr(r.relpartbound, r.oid)",
    "pg_proc.proargdefaults": "pg_get_function_arguments(r.oid)",
    "pg_proc.prosqlbody": "pg_get_function_sqlbody(r.oid)",
    "pg_type.typdefaultbin": "pg_get_expr(r.typdefaultbin, 0)",
    "pg_attrdef.adbin": "pg_get_expr(r.adbin, r.adrelid)",
    # Of keys, it depends on whether the key was there before its table was attached.
    "pg_constraint.connoinherit": "CASE WHEN r.contype NOT IN ('p', 'u', 'x') THEN r.connoinherit::text END",
    "pg_constraint.conbin": "CASE WHEN r.conbin IS NOT NULL THEN pg_get_constraintdef(r.oid) END",
    "pg_index.indexprs": "CASE WHEN r.indexprs IS NOT NULL THEN pg_get_indexdef(r.indexrelid) END",
    "pg_index.indpred": "pg_get_expr(r.indpred, r.indrelid)",
    "pg_statistic_ext.stxexprs": "CASE WHEN r.stxexprs IS NOT NULL THEN pg_get_statisticsobjdef_expressions(r.oid)::text END",
    "pg_rewrite.ev_qual": "NULL",  # in the definition
    "pg_rewrite.ev_action": "CASE WHEN r.rulename = '_RETURN' THEN pg_get_viewdef(r.ev_class) ELSE pg_get_ruledef(r.oid) END",
    "pg_trigger.tgqual": "CASE WHEN r.tgqual IS NOT NULL THEN pg_get_triggerdef(r.oid) END",
    "pg_policy.polqual": "pg_get_expr(r.polqual, r.polrelid)",
    "pg_policy.polwithcheck": "pg_get_expr(r.polwithcheck, r.polrelid)",
    "pg_partitioned_table.partexprs": "CASE WHEN r.partexprs IS NOT NULL THEN pg_get_partkeydef(r.partrelid) END",
    "pg_publication_rel.prqual": "pg_get_expr(r.prqual, r.prrelid)",
    "pg_publication_rel.prattrs": "(SELECT array_agg(attname ORDER BY attname) FROM pg_attribute WHERE attrelid = r.prrelid AND attnum = ANY (r.prattrs))::text",
    "pg_constraint.confdelsetcols": "(SELECT array_agg(attname ORDER BY attname) FROM pg_attribute WHERE attrelid = r.conrelid AND attnum = ANY (r.confdelsetcols))::text",
    "pg_enum.enumsortorder": "(SELECT count(*) FROM pg_enum e WHERE e.enumtypid = r.enumtypid AND e.enumsortorder < r.enumsortorder)::text",
    "pg_inherits.inhseqno": "(SELECT count(*) FROM pg_inherits i WHERE i.inhrelid = r.inhrelid AND i.inhseqno < r.inhseqno)::text",
    # That of an index keeps the name that its column had when it was made.
    "pg_attribute.attname": "CASE WHEN (SELECT relkind FROM pg_class WHERE oid = r.attrelid) IN ('i', 'I') THEN r.attnum::text ELSE r.attname END",
    # Some builds of the server keep a version of the attribute there.
    "pg_attribute.attoptions": "(SELECT array_agg(e ORDER BY e) FROM unnest(r.attoptions) e WHERE e !~ '^pg_')::text",
    "pg_depend.refobjid": "(SELECT type || ' ' || identity FROM pg_identify_object(r.refclassid, r.refobjid, r.refobjsubid))",
    "pg_depend.refobjsubid": "NULL",
    "pg_description.objoid": "(SELECT type || ' ' || identity FROM pg_identify_object(r.classoid, r.objoid, r.objsubid))",
    "pg_description.objsubid": "NULL",
    "pg_seclabel.objoid": "(SELECT type || ' ' || identity FROM pg_identify_object(r.classoid, r.objoid, r.objsubid))",
    "pg_seclabel.objsubid": "NULL",
}
# What no privileges mean: acldefault()'s kind, and the owner. Of columns, that there are none.
ACL_DEFAULTS = {
    "pg_class": "CASE r.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", r.relowner", "pg_proc": "'f', r.proowner", "pg_type": "'T', r.typowner",
    "pg_namespace": "'n', r.nspowner", "pg_language": "'l', r.lanowner", "pg_foreign_data_wrapper": "'F', r.fdwowner", "pg_foreign_server": "'S', r.srvowner",
}
SORTED_KEYS = {"pg_statistic_ext.stxkeys", "pg_trigger.tgattr", "pg_policy.polroles"}  # and those of CHECKs

# A foreign key has copies for the partitions that it refers to, whose names count them in the order in which they came, and to which VALIDATE CONSTRAINT does
# not come.
COPIES = "IN (SELECT c.oid FROM pg_constraint c JOIN pg_constraint p ON p.oid = c.conparentid AND p.conrelid = c.conrelid)"

# What a table has of it stays when no column needs it any more.
TOAST = "IN (SELECT oid FROM pg_class WHERE relnamespace = 'pg_toast'::regnamespace)"
# Rows. Members of extensions, the server's own rows, and what a column that is dropped leaves are left out everywhere.
ROWS = {
    "pg_attribute": f"NOT r.attisdropped AND r.attnum > 0 AND r.attrelid NOT {TOAST}",
    "pg_index": f"r.indexrelid NOT {TOAST}",
    "pg_trigger": f"(NOT r.tgisinternal OR r.tgparentid <> 0) AND r.tgconstraint NOT {COPIES}",
    "pg_constraint": f"r.oid NOT {COPIES}",
    # To what is pinned there is no entry; what an entry of a system object means is the server's.
    "pg_depend": f"r.objid >= {FIRST_NORMAL_OID} AND NOT (r.classid = 'pg_trigger'::regclass AND (SELECT tgisinternal FROM pg_trigger WHERE oid = r.objid))"
                 f" AND NOT (r.classid = 'pg_class'::regclass AND r.objid {TOAST}) AND NOT (r.classid = 'pg_constraint'::regclass AND r.objid {COPIES})"
                 f" AND NOT (r.classid = 'pg_constraint'::regclass AND r.refclassid = 'pg_class'::regclass AND {ONE_OF_SEVERAL.format('r.refobjid')}"
                 " AND (SELECT contype = 'f' FROM pg_constraint WHERE oid = r.objid))"
                 " AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = r.classid AND e.objid = r.objid AND e.deptype = 'e')"
                 " AND NOT EXISTS (SELECT FROM pg_depend f JOIN pg_depend e ON e.classid = f.refclassid AND e.objid = f.refobjid AND e.deptype = 'e'"
                 " WHERE f.classid = r.classid AND f.objid = r.objid AND f.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass))",
    "pg_subscription": "r.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
    "pg_amop": "NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_opfamily'::regclass AND e.objid = r.amopfamily AND e.deptype = 'e')",
    "pg_amproc": "NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_opfamily'::regclass AND e.objid = r.amprocfamily AND e.deptype = 'e')",
    "pg_class": f"r.oid NOT {TOAST}",
}
# By whose OID a row without one of its own is known.
KNOWN_BY = {
    "pg_attribute": "attrelid", "pg_index": "indexrelid", "pg_aggregate": "aggfnoid", "pg_range": "rngtypid", "pg_sequence": "seqrelid", "pg_inherits": "inhrelid",
    "pg_partitioned_table": "partrelid", "pg_foreign_table": "ftrelid", "pg_ts_config_map": "mapcfg", "pg_depend": "objid", "pg_description": "objoid", "pg_seclabel": "objoid",
}

COLUMNS = r"""
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), coalesce(f.pktable::regclass::text, ''), coalesce(f.is_array, false), coalesce(f.fkcols[1], '')
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  LEFT JOIN pg_get_catalog_foreign_keys() f ON f.fktable = c.oid AND f.fkcols[cardinality(f.fkcols)] = a.attname
   -- One column that refers to different catalogues has a class beside it.
   AND NOT EXISTS (SELECT FROM pg_get_catalog_foreign_keys() g WHERE g.fktable = c.oid AND g.fkcols = f.fkcols AND g.pktable <> f.pktable)
 WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
 ORDER BY 1, a.attnum
"""


def privileges(table, acl):
    if table in ACL_DEFAULTS:
        acl = f"coalesce({acl}, acldefault({ACL_DEFAULTS[table]}))"
    return f"(SELECT array_agg(e ORDER BY e) FROM unnest({acl}::text[]) e)::text"


def value(table, column, type_, refers_to, is_array, first):
    """The expression, as text."""
    name, own = f"{table}.{column}", f"r.{column}"
    if name in READ_AS:
        return READ_AS[name]
    if refers_to == "pg_attribute" and is_array:
        order = "1" if name in SORTED_KEYS else "CASE WHEN r.contype = 'c' THEN NULL ELSE n END, 1" if name == "pg_constraint.conkey" else "n"
        return (f"(SELECT string_agg(coalesce(attname, k::text), ', ' ORDER BY {order.replace('1', 'attname')}) FROM unnest({own}::int2[]) WITH ORDINALITY u(k, n)"
                f" LEFT JOIN pg_attribute ON attrelid = r.{first} AND attnum = k)")
    if refers_to == "pg_attribute":
        return f"(SELECT attname FROM pg_attribute WHERE attrelid = r.{first} AND attnum = {own})"
    if refers_to and is_array:
        order = "1" if name in SORTED_KEYS else "n"
        return (f"(SELECT string_agg((SELECT identity FROM pg_identify_object('{refers_to}'::regclass, k, 0)), ', ' ORDER BY {order.replace('1', 'k::regrole::text')})"
                f" FROM unnest({own}::oid[]) WITH ORDINALITY u(k, n))")
    if refers_to:
        return f"(SELECT identity FROM pg_identify_object('{refers_to}'::regclass, {own}, 0))"
    if type_ == "aclitem[]":
        return privileges(table, own)
    if type_ == "text[]":  # options
        return f"(SELECT array_agg(e ORDER BY e) FROM unnest({own}::text[]) e)::text"
    return f"{own}::text"


def query(columns):
    """columns: the rows of COLUMNS."""
    tables = {}
    for table, *rest in columns:
        tables.setdefault(table, []).append(rest)
    parts = []
    for table, all_ in tables.items():
        if table in NOT_READ:
            continue
        has_oid = any(column == "oid" for column, *_ in all_)
        known_by = "oid" if has_oid else KNOWN_BY.get(table)
        compared = [each for each in all_ if each[0] not in NOT_COMPARED and f"{table}.{each[0]}" not in NOT_COMPARED]
        pairs = ", ".join(f"'{each[0]}', {value(table, *each)}" for each in compared)
        if table == "pg_depend":
            identity = "(SELECT type || ' ' || identity FROM pg_identify_object(r.classid, r.objid, r.objsubid))"
        elif has_oid and table != "pg_enum":  # whose rows are no objects of their own
            identity = f"(SELECT identity FROM pg_identify_object('{table}'::regclass, r.oid, 0))"
        else:
            identity = "''"
        where = [ROWS.get(table, "true")]
        if known_by:
            of_catalogue = f" AND e.classid = '{table}'::regclass" if has_oid else ""
            own = f"r.{known_by} >= {FIRST_NORMAL_OID}"
            if table != "pg_depend":
                own += f" AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.deptype = 'e' AND e.objid = r.{known_by}{of_catalogue})"
            acl = [column for column, type_, *_ in all_ if type_ == "aclitem[]"]
            if has_oid and acl:  # Of what is the server's or an extension's, whether somebody has got other privileges.
                initial = f"(SELECT initprivs FROM pg_init_privs WHERE classoid = '{table}'::regclass AND objoid = r.oid AND objsubid = 0)"
                own += f" OR {privileges(table, f'r.{acl[0]}')} IS DISTINCT FROM {privileges(table, initial)}"
            where.append(own)
        parts.append(f"SELECT '{table} ' || coalesce({identity}, '?') || ' ' || json_strip_nulls(json_build_object({pairs}))::text FROM {table} r WHERE "
                     + " AND ".join(f"({each})" for each in where))
    return ";\n".join(parts) + ";\n"


NUMBERS = re.compile(r'(RI_ConstraintTrigger_[ac]_)\d+')


QUERIES = {}  # of the cluster


def rows(psql, database, first=""):
    """Sorted. psql(database, sql) returns what psql -At prints. first: statements for the transaction that is rolled back."""
    if not QUERIES:
        QUERIES["all"] = query(columns_of_cluster(psql, database))
    text = psql(database, f"BEGIN; {first}\nSET LOCAL search_path = pg_catalog;\n{QUERIES['all']}ROLLBACK;")
    return sorted(NUMBERS.sub(r"\1", line) for line in text.splitlines() if line)


def columns_of_cluster(psql, database):
    columns = [line.split("|") for line in psql(database, "SET search_path = pg_catalog;" + COLUMNS).splitlines()]
    return [(table, column, type_, refers_to, is_array == "t", start) for table, column, type_, refers_to, is_array, start in columns]


def difference(is_, wanted):
    """The first lines that only one has, or None."""
    here, there = [], []
    is_, wanted = list(is_), list(wanted)
    left = {}
    for line in wanted:
        left[line] = left.get(line, 0) + 1
    for line in is_:
        if left.get(line, 0) > 0:
            left[line] -= 1
        else:
            here.append(line)
    there = [line for line, count in left.items() for _ in range(count)]
    if not here and not there:
        return None
    return "catalogue:" + "".join(f"\n  is:     {line}" for line in here[:10]) + "".join(f"\n  wanted: {line}" for line in there[:10])
