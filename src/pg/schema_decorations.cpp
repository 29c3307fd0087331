// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_decorations.hpp"

#include "model/acl.hpp"
#include "model/text.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <unordered_map>

extern "C" {
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "utils/acl.h"
}

namespace pgmigrate::pg
{

namespace
{

using Find = std::function<model::Object *(const model::Address &)>;

// The first three columns: classid, objid, objsubid.
model::Address address_in(const Row &row)
{
    return {row[1].oid(), row[2].oid(), row[3].integer()};
}

// A type that a relation makes is an object of its own only where the relation is nothing but the type.
constinit Query owners_and_acls{R"(
SELECT o.classid, o.objid, o.objsubid, o.owner, o.acl
  FROM (SELECT 'pg_class'::regclass::oid AS classid, oid AS objid, 0 AS objsubid, relowner AS owner, relacl AS acl
          FROM pg_class
         WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND oid >= 16384
        UNION ALL
        SELECT 'pg_attribute'::regclass::oid, attrelid, attnum::int4, 0, attacl FROM pg_attribute
         WHERE attrelid = ANY ($1) AND attacl IS NOT NULL AND attrelid >= 16384
        UNION ALL
        SELECT CASE WHEN c.oid IS NULL THEN 'pg_type'::regclass ELSE 'pg_class'::regclass END::oid,
               COALESCE(c.oid, t.oid), 0, t.typowner, t.typacl
          FROM pg_type t
          LEFT JOIN pg_class c ON c.oid = t.typrelid
         WHERE t.oid >= 16384 AND (c.oid IS NULL OR c.relkind = 'c')
        UNION ALL
        SELECT 'pg_proc'::regclass::oid, oid, 0, proowner, proacl FROM pg_proc WHERE oid >= 16384
        UNION ALL
        SELECT 'pg_namespace'::regclass::oid, oid, 0, nspowner, nspacl FROM pg_namespace
        UNION ALL
        SELECT 'pg_language'::regclass::oid, oid, 0, lanowner, lanacl FROM pg_language
        UNION ALL
        SELECT 'pg_foreign_data_wrapper'::regclass::oid, oid, 0, fdwowner, fdwacl FROM pg_foreign_data_wrapper
        UNION ALL
        SELECT 'pg_foreign_server'::regclass::oid, oid, 0, srvowner, srvacl FROM pg_foreign_server
        UNION ALL
        SELECT 'pg_collation'::regclass::oid, oid, 0, collowner, NULL FROM pg_collation WHERE oid >= 16384
        UNION ALL
        SELECT 'pg_conversion'::regclass::oid, oid, 0, conowner, NULL FROM pg_conversion WHERE oid >= 16384
        UNION ALL
        SELECT 'pg_operator'::regclass::oid, oid, 0, oprowner, NULL FROM pg_operator WHERE oid >= 16384
        UNION ALL
        SELECT 'pg_opfamily'::regclass::oid, oid, 0, opfowner, NULL FROM pg_opfamily WHERE oid >= 16384
        UNION ALL
        SELECT 'pg_opclass'::regclass::oid, oid, 0, opcowner, NULL FROM pg_opclass WHERE oid >= 16384
        UNION ALL
        SELECT 'pg_ts_dict'::regclass::oid, oid, 0, dictowner, NULL FROM pg_ts_dict WHERE oid >= 16384
        UNION ALL
        SELECT 'pg_ts_config'::regclass::oid, oid, 0, cfgowner, NULL FROM pg_ts_config WHERE oid >= 16384
        UNION ALL
        SELECT 'pg_statistic_ext'::regclass::oid, oid, 0, stxowner, NULL FROM pg_statistic_ext
        UNION ALL
        SELECT 'pg_event_trigger'::regclass::oid, oid, 0, evtowner, NULL FROM pg_event_trigger
        UNION ALL
        SELECT 'pg_publication'::regclass::oid, oid, 0, pubowner, NULL FROM pg_publication
        UNION ALL
        SELECT 'pg_subscription'::regclass::oid, s.oid, 0, s.subowner, NULL
          FROM pg_subscription s
          JOIN pg_database d ON d.oid = s.subdbid
         WHERE d.datname = current_database()
        UNION ALL
        SELECT 'pg_default_acl'::regclass::oid, oid, 0, 0, defaclacl FROM pg_default_acl) o)",
                                1,
                                {OIDARRAYOID},
                                nullptr};

// The index of a constraint has no object of its own.
constinit Query comments{R"(
SELECT d.classoid, d.objoid, d.objsubid, d.description, 0
  FROM pg_description d
  LEFT JOIN pg_constraint c ON d.classoid = 'pg_class'::regclass AND c.conindid = d.objoid AND d.objsubid = 0
                           AND c.contype IN ('p', 'u', 'x')
 WHERE c.oid IS NULL AND (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass)
UNION ALL
SELECT 'pg_class'::regclass, t.typrelid, 0, d.description, 0
  FROM pg_description d
  JOIN pg_type t ON t.oid = d.objoid
  JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
 WHERE d.classoid = 'pg_type'::regclass AND d.objsubid = 0
UNION ALL
SELECT 'pg_constraint'::regclass, c.oid, 0, d.description, 1
  FROM pg_description d
  JOIN pg_constraint c ON c.conindid = d.objoid AND c.contype IN ('p', 'u', 'x')
 WHERE d.classoid = 'pg_class'::regclass AND d.objsubid = 0
UNION ALL
SELECT d.classoid, d.objoid, 0, d.description, 0
  FROM pg_shdescription d
 WHERE d.classoid = 'pg_subscription'::regclass)",
                         0,
                         {},
                         nullptr};

constinit Query labels{R"(
SELECT CASE WHEN c.oid IS NULL THEN l.classoid ELSE 'pg_class'::regclass END, COALESCE(c.oid, l.objoid), l.objsubid,
       array_agg(quote_ident(l.provider) || ' ' || l.label ORDER BY l.provider COLLATE "C")
  FROM (SELECT objoid, classoid, objsubid, provider, label FROM pg_seclabel
        UNION ALL
        SELECT objoid, classoid, 0, provider, label FROM pg_shseclabel WHERE classoid = 'pg_subscription'::regclass) l
  LEFT JOIN pg_type t ON l.classoid = 'pg_type'::regclass AND t.oid = l.objoid
  LEFT JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
 GROUP BY 1, 2, 3)",
                       0,
                       {},
                       nullptr};

constinit Query roles{"SELECT oid, quote_ident(rolname) FROM pg_roles", 0, {}, nullptr};

class Decorating
{
  public:
    Decorating(const Find &find, Snapshot snapshot) : find_(find), snapshot_(snapshot)
    {
        Values none;
        const Rows rows = run(roles, none, snapshot);
        for (std::uint64_t row = 0; row < rows.size(); ++row)
            roles_.emplace(rows.oid(row, 1), rows.text(row, 2));
    }

    void read_owners_and_acls(const std::vector<Oid> &with_column_privileges) const
    {
        Values values;
        values.oid_array(with_column_privileges);
        stream(owners_and_acls, values, snapshot_, [&](const Row &row) {
            model::Address address = address_in(row);
            if (address.class_id == AttributeRelationId)
                address.class_id = RelationRelationId;
            model::Object *object = find_(address);
            if (object == nullptr)
                return;
            const auto owner = roles_.find(row[4].oid());
            if (owner != roles_.end())
                object->attributes.set("owner", owner->second);
            if (!row[5].is_null())
                set_acl(*object, owner != roles_.end() ? owner->second : std::string(), row[5].aclitems());
        });
    }

    void read_comments() const
    {
        Values none;
        stream(comments, none, snapshot_, [&](const Row &row) {
            if (model::Object *object = find_(address_in(row)))
                object->attributes.set(row[5].integer() != 0 ? "index_comment" : "comment", row[4].text());
        });
    }

    void read_labels() const
    {
        Values none;
        stream(labels, none, snapshot_, [&](const Row &row) {
            if (model::Object *object = find_(address_in(row)))
                object->attributes.set_list("security_labels", row[4].text_array());
        });
    }

  private:
    // Entries of roles that do not exist any more mean nothing to anybody.
    void set_acl(model::Object &object, const std::string &owner, std::span<const AclItem> items) const
    {
        model::Acl acl;
        for (const AclItem &item : items) {
            const auto grantor = roles_.find(item.ai_grantor);
            const auto grantee = roles_.find(item.ai_grantee);
            if (grantor == roles_.end() || (grantee == roles_.end() && item.ai_grantee != ACL_ID_PUBLIC))
                continue;
            acl.add(grantee == roles_.end() ? std::string_view() : std::string_view(grantee->second), grantor->second,
                    privileges_of(ACLITEM_GET_PRIVS(item)), privileges_of(ACLITEM_GET_GOPTIONS(item)));
        }
        const char type = model::acl_type(object.kind);
        if (object.kind == model::Kind::default_privileges)
            object.attributes.set_list("granted", acl.list());
        else if (acl != model::Acl::by_default(type, owner, PG_VERSION_NUM))
            object.attributes.set_list("acl", acl.list());
    }

    static std::uint32_t privileges_of(AclMode mode)
    {
        constexpr std::string_view letters = ACL_ALL_RIGHTS_STR;
        std::string has;
        for (std::size_t i = 0; i < letters.size(); ++i)
            if ((mode & (AclMode{1} << i)) != 0)
                has += letters[i];
        return model::Acl::bits(has);
    }

    const Find &find_;
    Snapshot snapshot_;
    std::unordered_map<Oid, std::string> roles_;
};

} // namespace

void read_decorations(const Find &find, const std::vector<Oid> &with_column_privileges, Snapshot snapshot)
{
    const Decorating decorating(find, snapshot);
    decorating.read_owners_and_acls(with_column_privileges);
    decorating.read_comments();
    decorating.read_labels();
}

} // namespace pgmigrate::pg
