// SPDX-License-Identifier: PostgreSQL

// Functions, procedures and aggregates. Of pg_proc, pronargs and provariadic are seen in the arguments, prorettype and
// proretset in the result.

#include "pg/schema_parts.hpp"
#include "pg/schema_queries.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace pgmigrate::pg
{

namespace
{

#define PGM_ROUTINE_COLUMNS                                                                                            \
    "'pg_proc'::regclass::oid AS classid, p.oid AS objid, 0 AS objsubid,\n"                                            \
    "       quote_ident(n.nspname) AS schema_name, quote_ident(p.proname) AS object_name,\n"                           \
    ""
#define PGM_ROUTINE_JOINS                                                                                              \
    "\n"                                                                                                               \
    "  JOIN pg_namespace n ON n.oid = p.pronamespace\n"                                                                \
    ""
// The constructors of range types belong to these.
#define PGM_ROUTINE_IN_SCOPE                                                                                           \
    " p.pronamespace = ANY ($1)\n"                                                                                     \
    "   AND NOT EXISTS (SELECT FROM pg_depend e\n"                                                                     \
    "                    WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'i')"

constinit SchemaQuery queries[] = {
    // The modes tell a procedure's input arguments from its output arguments, which can be named as well.
    // "signature" has what CREATE OR REPLACE cannot change, one entry per argument.
    {{R"(
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind,
       )" PGM_ROUTINE_COLUMNS
      R"(       quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '('
           || CASE WHEN p.prokind = 'p' AND p.pronargs > 0 THEN 'IN ' || replace(oidvectortypes(p.proargtypes), ', ', ', IN ')
                   ELSE oidvectortypes(p.proargtypes) END || ')' AS identity,
       pg_get_function_arguments(p.oid) AS arguments,
       NULLIF(p.pronargdefaults, 0) AS defaults,
       s.names AS argument_names, s.modes AS argument_modes, s.types AS argument_types,
       pg_get_function_result(p.oid) AS result,
       quote_ident(l.lanname) AS language,
       p.prokind = 'w' AS window,
       CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' END AS volatility,
       p.proisstrict AS strict, p.prosecdef AS security_definer, p.proleakproof AS leakproof,
       CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END AS parallel,
       CASE WHEN p.procost <> CASE WHEN l.lanname IN ('internal', 'c') THEN 1 ELSE 100 END
            THEN p.procost::text END AS cost,
       CASE WHEN p.prorows <> CASE WHEN p.proretset THEN 1000 ELSE 0 END THEN p.prorows::text END AS rows,
       NULLIF(p.prosupport::regproc::text, '-') AS support,
       p.proconfig AS config,
       (SELECT array_agg(format_type(u.type, NULL)) FROM unnest(p.protrftypes) u (type)) AS transforms,
       CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END AS source,
       CASE WHEN p.prosqlbody IS NOT NULL THEN )" PGM_POSITIONAL("p.prosqlbody") R"( END AS positional,
       p.probin AS library,
       pg_get_function_sqlbody(p.oid) AS body
  FROM pg_proc p
  JOIN pg_language l ON l.oid = p.prolang)" PGM_ROUTINE_JOINS R"(  LEFT JOIN LATERAL (
       SELECT array_agg(coalesce(u.name, '') ORDER BY u.number) AS names,
              array_agg(coalesce(u.mode::text, 'i') ORDER BY u.number) AS modes,
              array_agg(format_type(u.type, NULL) ORDER BY u.number) AS types
         FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes, p.proargnames)
              WITH ORDINALITY u (type, mode, name, number)) s ON p.proargtypes <> '' OR p.proallargtypes IS NOT NULL
 WHERE p.prokind <> 'a' AND)" PGM_ROUTINE_IN_SCOPE,
      1,
      {OIDARRAYOID},
      nullptr},
     false},
    {{R"(
SELECT 'aggregate' AS kind, )" PGM_ROUTINE_COLUMNS
      R"(       quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '('
           || CASE p.pronargs WHEN 0 THEN '*' ELSE oidvectortypes(p.proargtypes) END || ')' AS identity,
       CASE p.pronargs WHEN 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END AS arguments,
       format_type(p.prorettype, NULL) AS result,
       NULLIF(a.aggkind, 'n') AS aggregate_kind,
       NULLIF(a.aggnumdirectargs, 0) AS direct_arguments,
       CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END AS parallel,
       a.aggtransfn::regproc::text AS sfunc,
       format_type(a.aggtranstype, NULL) AS stype,
       NULLIF(a.aggtransspace, 0) AS sspace,
       a.agginitval AS initcond,
       NULLIF(a.aggfinalfn::regproc::text, '-') AS finalfunc,
       a.aggfinalextra AS finalfunc_extra,
       CASE WHEN a.aggfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END
            THEN CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END
       END AS finalfunc_modify,
       NULLIF(a.aggcombinefn::regproc::text, '-') AS combinefunc,
       NULLIF(a.aggserialfn::regproc::text, '-') AS serialfunc,
       NULLIF(a.aggdeserialfn::regproc::text, '-') AS deserialfunc,
       NULLIF(a.aggmtransfn::regproc::text, '-') AS msfunc,
       NULLIF(a.aggminvtransfn::regproc::text, '-') AS minvfunc,
       CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END AS mstype,
       NULLIF(a.aggmtransspace, 0) AS msspace,
       a.aggminitval AS minitcond,
       NULLIF(a.aggmfinalfn::regproc::text, '-') AS mfinalfunc,
       a.aggmfinalextra AS mfinalfunc_extra,
       CASE WHEN a.aggmfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END
            THEN CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END
       END AS mfinalfunc_modify,
       'OPERATOR(' || quote_ident(opn.nspname) || '.' || o.oprname || ')' AS sortop
  FROM pg_proc p
  JOIN pg_aggregate a ON a.aggfnoid = p.oid
  LEFT JOIN pg_operator o ON o.oid = a.aggsortop
  LEFT JOIN pg_namespace opn ON opn.oid = o.oprnamespace)" PGM_ROUTINE_JOINS
      R"( WHERE p.prokind = 'a' AND)" PGM_ROUTINE_IN_SCOPE,
      1,
      {OIDARRAYOID},
      nullptr},
     false},
};

} // namespace

std::span<SchemaQuery> routine_queries()
{
    return queries;
}

} // namespace pgmigrate::pg
