// SPDX-License-Identifier: PostgreSQL
#include "pg/fingerprint.hpp"

#include "pg/boundary.hpp"

#include <algorithm>
#include <iterator>

extern "C" {
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_am.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_conversion.h"
#include "catalog/pg_database.h"
#include "catalog/pg_default_acl.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_description.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_foreign_data_wrapper.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_init_privs.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_partitioned_table.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_publication.h"
#include "catalog/pg_publication_namespace.h"
#include "catalog/pg_publication_rel.h"
#include "catalog/pg_range.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_seclabel.h"
#include "catalog/pg_sequence.h"
#include "catalog/pg_shdescription.h"
#include "catalog/pg_shseclabel.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_subscription.h"
#include "catalog/pg_tablespace.h"
#include "catalog/pg_transform.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_ts_config.h"
#include "catalog/pg_ts_config_map.h"
#include "catalog/pg_ts_dict.h"
#include "catalog/pg_ts_parser.h"
#include "catalog/pg_ts_template.h"
#include "catalog/pg_type.h"
#include "catalog/pg_user_mapping.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/rel.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr Oid catalogues[] = {
    NamespaceRelationId,
    RelationRelationId,
    AttributeRelationId,
    AttrDefaultRelationId,
    ConstraintRelationId,
    IndexRelationId,
    InheritsRelationId,
    PartitionedRelationId,
    SequenceRelationId,
    TypeRelationId,
    EnumRelationId,
    RangeRelationId,
    ProcedureRelationId,
    AggregateRelationId,
    TriggerRelationId,
    EventTriggerRelationId,
    RewriteRelationId,
    PolicyRelationId,
    StatisticExtRelationId,
    DescriptionRelationId,
    SecLabelRelationId,
    DefaultAclRelationId,
    InitPrivsRelationId,
    ExtensionRelationId,
    LanguageRelationId,
    CastRelationId,
    TransformRelationId,
    ConversionRelationId,
    CollationRelationId,
    OperatorRelationId,
    OperatorClassRelationId,
    OperatorFamilyRelationId,
    AccessMethodOperatorRelationId,
    AccessMethodProcedureRelationId,
    AccessMethodRelationId,
    ForeignDataWrapperRelationId,
    ForeignServerRelationId,
    ForeignTableRelationId,
    UserMappingRelationId,
    PublicationRelationId,
    PublicationRelRelationId,
    PublicationNamespaceRelationId,
    TSConfigRelationId,
    TSConfigMapRelationId,
    TSDictionaryRelationId,
    TSParserRelationId,
    TSTemplateRelationId,
    DependRelationId,
    SubscriptionRelationId,
    SharedDescriptionRelationId,
    SharedSecLabelRelationId,
    // The names that owners, grants and tablespaces have in texts.
    AuthIdRelationId,
    DatabaseRelationId,
    TableSpaceRelationId,
};

// Inside call(). The order of the rows does not matter.
std::uint64_t hash_of(Oid catalogue)
{
    Relation relation = table_open(catalogue, AccessShareLock);
    TableScanDesc scan = table_beginscan_catalog(relation, 0, nullptr);
    std::uint64_t sum = 0;
    while (HeapTuple tuple = heap_getnext(scan, ForwardScanDirection)) {
        CHECK_FOR_INTERRUPTS();
        std::uint64_t hash = hash_bytes_uint32_extended(ItemPointerGetBlockNumberNoCheck(&tuple->t_self), catalogue);
        hash = hash_bytes_uint32_extended(ItemPointerGetOffsetNumberNoCheck(&tuple->t_self), hash);
        sum += hash_bytes_uint32_extended(HeapTupleHeaderGetRawXmin(tuple->t_data), hash);
    }
    table_endscan(scan);
    table_close(relation, AccessShareLock);
    return sum;
}

} // namespace

bool says_what_the_schema_is(Oid catalogue)
{
    return std::find(std::begin(catalogues), std::end(catalogues), catalogue) != std::end(catalogues);
}

std::int64_t schema_fingerprint()
{
    return call([] {
        std::uint64_t sum = 0;
        for (const Oid catalogue : catalogues)
            sum += hash_of(catalogue);
        return static_cast<std::int64_t>(sum);
    });
}

} // namespace pgmigrate::pg
