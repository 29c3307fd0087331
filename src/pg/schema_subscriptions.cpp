// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_queries.hpp"

#include "pg/boundary.hpp"

extern "C" {
#include "catalog/pg_subscription.h"
#include "miscadmin.h"
#include "utils/acl.h"
}

namespace pgmigrate::pg
{

namespace
{

#if PG_VERSION_NUM >= 180000
#define STREAMING "CASE s.substream WHEN 'f' THEN 'off' WHEN 't' THEN 'on' END AS streaming"
#elif PG_VERSION_NUM >= 160000
#define STREAMING "CASE s.substream WHEN 'p' THEN 'parallel' WHEN 't' THEN 'on' END AS streaming"
#else
#define STREAMING "CASE WHEN s.substream THEN 'on' END AS streaming"
#endif
#if PG_VERSION_NUM >= 160000
#define SINCE_16                                                                                                       \
    ", CASE WHEN NOT s.subpasswordrequired THEN 'false' END AS password_required, s.subrunasowner AS run_as_owner,"    \
    " NULLIF(s.suborigin, 'any') AS origin"
#else
#define SINCE_16 ""
#endif
#if PG_VERSION_NUM >= 170000
#define SINCE_17 ", s.subfailover AS failover"
#else
#define SINCE_17 ""
#endif
#if PG_VERSION_NUM >= 190000
#define SINCE_19                                                                                                       \
    ", s.subretaindeadtuples AS retain_dead_tuples, NULLIF(s.submaxretention, 0) AS max_retention_duration,"           \
    " quote_literal(NULLIF(s.subwalrcvtimeout, '-1')) AS wal_receiver_timeout,"                                        \
    " (SELECT quote_ident(f.srvname) FROM pg_foreign_server f WHERE f.oid = s.subserver) AS server"
#else
#define SINCE_19 ""
#endif

#define SUBSCRIPTIONS(connection)                                                                                      \
    "SELECT 'subscription' AS kind, 'pg_subscription'::regclass::oid AS classid, s.oid AS objid, 0 AS objsubid,\n"     \
    "       quote_ident(s.subname) AS object_name, quote_ident(s.subname) AS identity,\n"                              \
    "       (SELECT array_agg(quote_ident(p.name) ORDER BY p.number)\n"                                                \
    "          FROM unnest(s.subpublications) WITH ORDINALITY p (name, number)) AS publications,\n"                    \
    "       s.subslotname AS slot, s.subbinary AS binary, s.subtwophasestate <> 'd' AS two_phase,\n"                   \
    "       s.subdisableonerr AS disable_on_error, NULLIF(s.subsynccommit, 'off') AS synchronous_commit,\n" STREAMING  \
        SINCE_16 SINCE_17 SINCE_19 connection "\n"                                                                     \
    "  FROM pg_subscription s\n"                                                                                       \
    "  JOIN pg_database d ON d.oid = s.subdbid\n"                                                                      \
    " WHERE d.datname = current_database()\n"

// Secrets do not belong into a script: passwords and keys, in the form of words, of a URI and of its parameters.
#define CONNECTION                                                                                                     \
    R"(, btrim(regexp_replace(regexp_replace(regexp_replace(s.subconninfo,)"                                           \
    R"(           '(^|\s+)\w*(password|secret|scram_\w+_key)\s*=\s*(''(\\.|[^''\\])*''|(\\.|[^\s\\])*)', '', 'gi'),)"  \
    R"(           '(://[^:/@?]*):[^@/?]*@', '\1@'),)"                                                                  \
    R"(           '([?&])\w*(password|secret|scram_\w+_key)=[^&]*&?', '\1', 'gi')) AS connection,)"                    \
    R"(       s.subconninfo ~* '(password|secret|scram_\w+_key)\s*=' OR s.subconninfo ~ '://[^:/@?]*:[^@/?]*@' AS secret)"

constinit SchemaQuery with_connections[] = {{{SUBSCRIPTIONS(CONNECTION), 0, {}, nullptr}, true}};
constinit SchemaQuery without_connections[] = {{{SUBSCRIPTIONS(""), 0, {}, nullptr}, true}};

bool may_read_connections()
{
    return call([] {
        return pg_class_aclcheck(SubscriptionRelationId, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
               pg_attribute_aclcheck(SubscriptionRelationId, Anum_pg_subscription_subconninfo, GetUserId(),
                                     ACL_SELECT) == ACLCHECK_OK;
    });
}

} // namespace

std::span<SchemaQuery> subscription_queries()
{
    return may_read_connections() ? with_connections : without_connections;
}

} // namespace pgmigrate::pg
