// SPDX-License-Identifier: PostgreSQL
#pragma once

// Pieces of the queries for what stands on relations. Each is a common table expression.

// The relations of these kinds in scope: their OIDs, and their names as others refer to them.
#define PGM_RELATIONS(relkinds)                                                                                        \
    "relation AS (\n"                                                                                                  \
    "  SELECT c.oid, c.relkind, quote_ident(n.nspname) AS schema_name,\n"                                              \
    "         quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS identity\n"                                   \
    "    FROM pg_class c\n"                                                                                            \
    "    JOIN pg_namespace n ON n.oid = c.relnamespace\n"                                                              \
    "    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0\n"           \
    "         AND d.deptype = 'e'\n"                                                                                   \
    "   WHERE c.relnamespace = ANY ($1) AND c.relkind IN (" relkinds ") AND c.relpersistence <> 't'\n"                 \
    "     AND d.objid IS NULL)"

// The statistics targets that the columns of indexes have, where the expressions are.
#define PGM_INDEX_STATISTICS                                                                                           \
    "targets AS (\n"                                                                                                   \
    "  SELECT a.attrelid, array_agg(a.attnum || '=' || a.attstattarget ORDER BY a.attnum) AS statistics\n"             \
    "    FROM pg_attribute a\n"                                                                                        \
    "    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('i', 'I')\n"                                          \
    "   WHERE a.attstattarget >= 0 AND a.attnum > 0 AND c.relnamespace = ANY ($1)\n"                                   \
    "   GROUP BY a.attrelid)"

// What an index `c` of pg_class with the row `i` of pg_index is besides its definition. pg_get_indexdef() has the
// options, too, as `options_text` (a column of `o`) has them.
#define PGM_INDEX_PROPERTIES                                                                                           \
    "o.options, quote_ident(s.spcname) AS tablespace, targets.statistics,\n"                                           \
    "       i.indisclustered AS clustered, i.indisreplident AS replica_identity,\n"                                    \
    "       quote_ident(pn.nspname) || '.' || quote_ident(pc.relname) AS attached_to"

#define PGM_INDEX_JOINS                                                                                                \
    "LEFT JOIN options o ON o.oid = c.oid\n"                                                                           \
    "  LEFT JOIN targets ON targets.attrelid = c.oid\n"                                                                \
    "  LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace\n"                                                         \
    "  LEFT JOIN pg_inherits h ON h.inhrelid = c.oid\n"                                                                \
    "  LEFT JOIN pg_class pc ON pc.oid = h.inhparent\n"                                                                \
    "  LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace"

// The storage parameters of indexes, as the catalogue has them and as the server deparses them.
#define PGM_INDEX_OPTIONS                                                                                              \
    "options AS (\n"                                                                                                   \
    "  SELECT c.oid, array_agg(x.pair ORDER BY x.pair) AS options,\n"                                                  \
    "         ' WITH (' || string_agg(x.item, ', ' ORDER BY x.number) || ')' AS options_text\n"                        \
    "    FROM pg_class c,\n"                                                                                           \
    "         LATERAL (SELECT quote_ident(split_part(u.pair, '=', 1)) || '='\n"                                        \
    "                         || CASE WHEN quote_ident(v.value) = v.value THEN v.value ELSE quote_literal(v.value) "   \
    "END\n"                                                                                                            \
    "                            AS item, u.pair, u.number\n"                                                          \
    "                    FROM unnest(c.reloptions) WITH ORDINALITY u(pair, number),\n"                                 \
    "                         LATERAL (SELECT substr(u.pair, strpos(u.pair, '=') + 1) AS value) v) x\n"                \
    "   WHERE c.relkind IN ('i', 'I') AND c.reloptions IS NOT NULL AND c.relnamespace = ANY ($1)\n"                    \
    "   GROUP BY c.oid)"
