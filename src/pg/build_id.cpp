// SPDX-License-Identifier: PostgreSQL
#include "pg/build_id.hpp"

#include <algorithm>
#include <cstring>

#include <link.h>

namespace pgmigrate::pg
{

namespace
{

// The layout of ELF: the name and the description of a note are padded to words.
constexpr std::size_t padded(std::size_t size)
{
    return (size + 3) & ~std::size_t{3};
}

struct Search {
    std::uintptr_t inside; // an address of the library
    std::uint64_t id;
};

void read_notes(const char *notes, std::size_t size, Search &search)
{
    static constexpr char gnu[] = "GNU";
    while (size >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        std::memcpy(&note, notes, sizeof note);
        const std::size_t description = sizeof note + padded(note.n_namesz);
        const std::size_t next = description + padded(note.n_descsz);
        if (next > size)
            return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof gnu &&
            std::memcmp(notes + sizeof note, gnu, sizeof gnu) == 0) {
            std::memcpy(&search.id, notes + description, std::min<std::size_t>(sizeof search.id, note.n_descsz));
            return;
        }
        notes += next;
        size -= next;
    }
}

// For each object that is loaded, until it returns something else than 0.
int look_at(dl_phdr_info *object, std::size_t, void *argument)
{
    Search &search = *static_cast<Search *>(argument);
    const ElfW(Phdr) *const end = object->dlpi_phdr + object->dlpi_phnum;
    const bool is_ours = std::any_of(object->dlpi_phdr, end, [&](const ElfW(Phdr) & part) {
        return part.p_type == PT_LOAD && search.inside - (object->dlpi_addr + part.p_vaddr) < part.p_memsz;
    });
    if (!is_ours)
        return 0;
    for (const ElfW(Phdr) *part = object->dlpi_phdr; part != end; ++part)
        if (part->p_type == PT_NOTE)
            read_notes(reinterpret_cast<const char *>(object->dlpi_addr + part->p_vaddr), part->p_memsz, search);
    return 1;
}

} // namespace

std::uint64_t build_id()
{
    static const std::uint64_t id = [] {
        Search search{reinterpret_cast<std::uintptr_t>(&look_at), 0};
        dl_iterate_phdr(look_at, &search);
        return search.id;
    }();
    return id;
}

} // namespace pgmigrate::pg
