// SPDX-License-Identifier: PostgreSQL
#include "pg/authoring.hpp"

using namespace pgmigrate;

PGM_FUNCTION(migrate_revision)
{
    const pg::Arguments arguments(fcinfo);
    pg::RevisionRequest request;
    request.message = arguments.required_text(0, "message");
    request.up = arguments.text(1);
    request.down = arguments.text(2);
    request.revision = arguments.text(3);
    request.parents = arguments.text(4).value_or("base");
    request.labels = arguments.text(5).value_or("");
    request.depends_on = arguments.text(6).value_or("");
    request.splice = arguments.boolean(7, false);
    pg::Catalogue catalogue(fcinfo);
    const pg::RegistrationResult result = pg::Authoring(catalogue, "migrate_revision()").register_revision(request);
    return pg::return_text(result.revision);
}

PGM_FUNCTION(migrate_merge)
{
    const pg::Arguments arguments(fcinfo);
    pg::RevisionRequest request;
    request.parents = arguments.required_text(0, "revisions");
    request.message = arguments.required_text(1, "message");
    request.labels = arguments.text(2).value_or("");
    request.revision = arguments.text(3);
    request.splice = arguments.boolean(4, false);
    pg::Catalogue catalogue(fcinfo);
    const pg::RegistrationResult result = pg::Authoring(catalogue, "migrate_merge()").register_revision(request);
    return pg::return_text(result.revision);
}

PGM_FUNCTION(migrate_edit)
{
    const pg::Arguments arguments(fcinfo);
    const std::string target = arguments.required_text(0, "revision");
    pg::Catalogue catalogue(fcinfo);
    pg::Authoring authoring(catalogue, "migrate_edit()");
    return pg::return_text(authoring.edit(target, arguments.text(1), arguments.text(2), arguments.text(3)));
}

PGM_FUNCTION(migrate_remove)
{
    const pg::Arguments arguments(fcinfo);
    const std::string target = arguments.required_text(0, "revision");
    pg::Catalogue catalogue(fcinfo);
    return pg::return_text(pg::Authoring(catalogue, "migrate_remove()").remove(target));
}
