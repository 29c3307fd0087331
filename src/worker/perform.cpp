// SPDX-License-Identifier: PostgreSQL
#include "worker/perform.hpp"

#include "pg/spi.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/snapmgr.h"
}

namespace pgmigrate::worker
{

void perform(pg::WorkerSession &session)
{
    const char *sql = session.payload().c_str();
    pg::call([] {
        StartTransactionCommand();
        PushActiveSnapshot(GetTransactionSnapshot());
    });
    {
        const pg::SpiConnection spi;
        pg::call([&] { SPI_execute(sql, false, 0); });
    }
    pg::call([] {
        PopActiveSnapshot();
        CommitTransactionCommand();
    });
    session.finished();
}

} // namespace pgmigrate::worker
