// SPDX-License-Identifier: PostgreSQL
#pragma once

// Pieces of queries.

// Whether a query tree (pg_node_tree) names or makes columns of a relation by their position: a column list behind an
// alias, a function in FROM (which is always deparsed with one), a row of a named type.
#define PGM_POSITIONAL(tree)                                                                                           \
    "(" tree "::text ~ ':rtekind 3 |:alias [{]ALIAS :aliasname [^{}]+ :colnames [(]|:row_typeid (?!2249 )[0-9]')"

// What an index `c` of pg_class with the row `i` of pg_index is besides its definition. Only expressions can have a
// statistics target.
#define PGM_INDEX_PROPERTIES                                                                                           \
    "CASE WHEN c.reloptions IS NOT NULL THEN (SELECT array_agg(o ORDER BY o) FROM unnest(c.reloptions) o) END\n"       \
    "         AS options,\n"                                                                                           \
    "       CASE WHEN c.reltablespace <> 0\n"                                                                          \
    "            THEN (SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace) END\n"        \
    "         AS tablespace,\n"                                                                                        \
    "       CASE WHEN i.indexprs IS NOT NULL\n"                                                                        \
    "            THEN (SELECT array_agg(a.attnum || '=' || a.attstattarget ORDER BY a.attnum) FROM pg_attribute a\n"   \
    "                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attstattarget >= 0) END AS statistics,\n"      \
    "       i.indisclustered AS clustered, i.indisreplident AS replica_identity,\n"                                    \
    "       CASE WHEN c.relispartition\n"                                                                              \
    "            THEN (SELECT quote_ident(pn.nspname) || '.' || quote_ident(pc.relname)\n"                             \
    "                    FROM pg_inherits h\n"                                                                         \
    "                    JOIN pg_class pc ON pc.oid = h.inhparent\n"                                                   \
    "                    JOIN pg_namespace pn ON pn.oid = pc.relnamespace\n"                                           \
    "                   WHERE h.inhrelid = c.oid) END AS attached_to"

// The definition of the index `c` without its storage parameters, which the server deparses in the midst of it.
#define PGM_WITHOUT_OPTIONS(definition)                                                                                \
    "CASE WHEN c.reloptions IS NULL THEN " definition "\n"                                                             \
    "            ELSE replace(" definition ",\n"                                                                       \
    "                         (SELECT ' WITH ('\n"                                                                     \
    "                                 || string_agg(quote_ident(split_part(u.pair, '=', 1)) || '='\n"                  \
    "                                               || CASE WHEN quote_ident(v.value) = v.value THEN v.value\n"        \
    "                                                       ELSE quote_literal(v.value) END, ', ' ORDER BY u.n)\n"     \
    "                                 || ')'\n"                                                                        \
    "                            FROM unnest(c.reloptions) WITH ORDINALITY u(pair, n),\n"                              \
    "                                 LATERAL (SELECT substr(u.pair, strpos(u.pair, '=') + 1) AS value) v), '')\n"     \
    "            END"
