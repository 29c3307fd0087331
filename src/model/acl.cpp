// SPDX-License-Identifier: PostgreSQL
#include "model/acl.hpp"

#include "model/text.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace pgmigrate::model
{

namespace
{

struct Privilege {
    char letter;
    std::string_view name;
};

// In the order in which a GRANT has them.
constexpr std::array<Privilege, 15> privileges = {{
    {'r', "SELECT"},
    {'a', "INSERT"},
    {'w', "UPDATE"},
    {'d', "DELETE"},
    {'D', "TRUNCATE"},
    {'x', "REFERENCES"},
    {'t', "TRIGGER"},
    {'m', "MAINTAIN"},
    {'X', "EXECUTE"},
    {'U', "USAGE"},
    {'C', "CREATE"},
    {'T', "TEMPORARY"},
    {'c', "CONNECT"},
    {'s', "SET"},
    {'A', "ALTER SYSTEM"},
}};

constexpr std::string_view nobody = "(nobody)";

std::uint32_t bit_of(char letter)
{
    for (std::size_t i = 0; i < privileges.size(); ++i)
        if (privileges[i].letter == letter)
            return std::uint32_t{1} << i;
    return 0;
}

// Where a name that may be quoted ends.
std::size_t end_of_name(std::string_view text)
{
    if (!text.starts_with('"'))
        return text.find_first_of("=/");
    for (std::size_t i = 1; i < text.size(); ++i)
        if (text[i] == '"') {
            if (i + 1 < text.size() && text[i + 1] == '"')
                ++i;
            else
                return i + 1;
        }
    return std::string_view::npos;
}

std::string letters_of(const Acl::Entry &entry)
{
    std::string letters;
    for (std::size_t i = 0; i < privileges.size(); ++i) {
        const std::uint32_t bit = std::uint32_t{1} << i;
        if ((entry.privileges & bit) != 0)
            letters += privileges[i].letter;
        if ((entry.options & bit) != 0)
            letters += '*';
    }
    return letters;
}

bool earlier(const Acl::Entry &a, const Acl::Entry &b)
{
    return a.grantee != b.grantee ? a.grantee < b.grantee : a.grantor < b.grantor;
}

bool same_pair(const Acl::Entry &a, const Acl::Entry &b)
{
    return a.grantee == b.grantee && a.grantor == b.grantor;
}

} // namespace

std::uint32_t Acl::bits(std::string_view letters)
{
    std::uint32_t all = 0;
    for (const char letter : letters)
        all |= bit_of(letter);
    return all;
}

Acl::Acl(std::span<const std::string> list)
{
    for (const std::string &each : list) {
        std::string_view rest = each;
        const std::size_t equals = end_of_name(rest);
        if (equals == std::string_view::npos || rest[equals] != '=')
            continue; // nobody
        const std::string_view grantee = rest.substr(0, equals);
        rest.remove_prefix(equals + 1);
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        std::uint32_t has = 0;
        std::uint32_t options = 0;
        std::uint32_t last = 0;
        for (const char letter : rest.substr(0, slash)) {
            if (letter == '*')
                options |= last;
            else
                has |= last = bit_of(letter);
        }
        add(grantee, rest.substr(std::min(slash + 1, rest.size())), has, options);
    }
}

std::uint32_t all_privileges(char type, std::int32_t server_version)
{
    constexpr std::int32_t with_maintain = 170000;
    switch (type) {
    case 'r':
        return Acl::bits(server_version >= with_maintain ? "rawdDxtm" : "rawdDxt");
    case 'S':
        return Acl::bits("rwU");
    case 'f':
        return Acl::bits("X");
    case 'n':
        return Acl::bits("UC");
    case 'c':
        return Acl::bits("rawx");
    case 'L':
        return Acl::bits("rw");
    case 'T':
    case 'l':
    case 'F':
    case 's':
        return Acl::bits("U");
    default:
        return 0;
    }
}

Acl Acl::by_default(char type, std::string_view owner, std::int32_t server_version)
{
    Acl acl;
    if (type == 'c')
        return acl;
    const std::uint32_t all = all_privileges(type, server_version);
    acl.add(owner, owner, all, 0);
    if (type == 'f' || type == 'T' || type == 'l')
        acl.add("", owner, all, 0);
    return acl;
}

void Acl::add(std::string_view grantee, std::string_view grantor, std::uint32_t more, std::uint32_t options)
{
    if (more == 0 && options == 0)
        return;
    Entry entry{std::string(grantee), std::string(grantor), more, options};
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), entry, earlier);
    if (at != entries_.end() && same_pair(*at, entry)) {
        at->privileges |= more;
        at->options |= options;
    } else {
        entries_.insert(at, std::move(entry));
    }
}

void Acl::add(const Acl &more)
{
    for (const Entry &each : more.entries_)
        add(each.grantee, each.grantor, each.privileges, each.options);
}

void Acl::take(const Acl &less)
{
    for (Entry &mine : entries_)
        for (const Entry &theirs : less.entries_)
            if (same_pair(mine, theirs)) {
                mine.privileges &= ~theirs.privileges;
                mine.options &= ~(theirs.options | theirs.privileges);
            }
    std::erase_if(entries_, [](const Entry &each) { return each.privileges == 0; });
}

void Acl::change_owner(std::string_view was, std::string_view is)
{
    if (was == is || was.empty() || is.empty())
        return;
    const std::vector<Entry> before = std::move(entries_);
    entries_.clear();
    for (const Entry &each : before)
        add(each.grantee == was ? is : std::string_view(each.grantee),
            each.grantor == was ? is : std::string_view(each.grantor), each.privileges, each.options);
}

std::vector<std::string> Acl::list() const
{
    std::vector<std::string> list;
    for (const Entry &each : entries_)
        list.push_back(cat(each.grantee, "=", letters_of(each), "/", each.grantor));
    if (list.empty())
        list.emplace_back(nobody);
    return list;
}

char acl_type(Kind kind)
{
    switch (kind) {
    case Kind::table:
    case Kind::foreign_table:
    case Kind::view:
    case Kind::materialized_view:
        return 'r';
    case Kind::column:
        return 'c';
    case Kind::sequence:
        return 'S';
    case Kind::function:
    case Kind::procedure:
    case Kind::aggregate:
        return 'f';
    case Kind::enum_type:
    case Kind::base_type:
    case Kind::composite_type:
    case Kind::range_type:
    case Kind::domain:
        return 'T';
    case Kind::schema:
        return 'n';
    case Kind::language:
        return 'l';
    case Kind::foreign_data_wrapper:
        return 'F';
    case Kind::server:
        return 's';
    default:
        return '\0';
    }
}

// ---- statements

namespace
{

class Granting
{
  public:
    Granting(const GrantTarget &target, Statements &statements) : target_(target), statements_(statements) {}

    Acl run(const Acl &was, const Acl &is)
    {
        Acl gone = was;
        Acl more = is;
        Acl options_gone;
        for (const Acl::Entry &each : was.entries())
            if (const Acl::Entry *stays = find(is, each))
                options_gone.add(each.grantee, each.grantor, 0, each.options & stays->privileges & ~stays->options);
        gone.take(without_options(is));
        for (const Acl::Entry &each : was.entries())
            more.take(only(each));
        more.add(options_more(was, is));

        const bool chained = others_grant(gone) || others_grant(more) || others_grant(options_gone);
        // Where privileges are handed on, nobody may lose an option before another one has given it to him.
        if (chained)
            grant(more, is);
        revoke(gone, options_gone, was);
        if (!chained)
            grant(more, is);
        Acl revoked = gone;
        revoked.add(options_gone);
        return revoked;
    }

  private:
    static const Acl::Entry *find(const Acl &acl, const Acl::Entry &pair)
    {
        for (const Acl::Entry &each : acl.entries())
            if (same_pair(each, pair))
                return &each;
        return nullptr;
    }

    static Acl only(const Acl::Entry &entry)
    {
        Acl acl;
        acl.add(entry.grantee, entry.grantor, entry.privileges, 0);
        return acl;
    }

    static Acl without_options(const Acl &acl)
    {
        Acl result;
        for (const Acl::Entry &each : acl.entries())
            result.add(each.grantee, each.grantor, each.privileges, 0);
        return result;
    }

    // What is there already and comes to be with grant option.
    static Acl options_more(const Acl &was, const Acl &is)
    {
        Acl more;
        for (const Acl::Entry &each : is.entries())
            if (const Acl::Entry *had = find(was, each)) {
                const std::uint32_t options = each.options & had->privileges & ~had->options;
                more.add(each.grantee, each.grantor, options, options);
            }
        return more;
    }

    bool others_grant(const Acl &acl) const
    {
        return std::any_of(acl.entries().begin(), acl.entries().end(),
                           [&](const Acl::Entry &each) { return each.grantor != target_.owner; });
    }

    // How many hands a privilege of a grantor has gone through: the owner comes first.
    std::map<std::string, int> distances(const Acl &acl) const
    {
        std::map<std::string, int> distance{{target_.owner, 0}};
        for (std::size_t round = 0; round <= acl.entries().size(); ++round)
            for (const Acl::Entry &each : acl.entries())
                if (each.options != 0 && distance.contains(each.grantor))
                    distance.emplace(each.grantee, distance[each.grantor] + 1);
        return distance;
    }

    static std::vector<Acl::Entry> by_distance(const Acl &acl, const std::map<std::string, int> &distance, bool nearest)
    {
        const auto of = [&](const Acl::Entry &each) {
            const auto found = distance.find(each.grantor);
            return found == distance.end() ? 0 : found->second;
        };
        std::vector<Acl::Entry> sorted = acl.entries();
        std::stable_sort(sorted.begin(), sorted.end(), [&](const Acl::Entry &a, const Acl::Entry &b) {
            return nearest ? of(a) < of(b) : of(a) > of(b);
        });
        return sorted;
    }

    void grant(const Acl &more, const Acl &is)
    {
        for (const Acl::Entry &each : by_distance(more, distances(is), true)) {
            const std::uint32_t plain = each.privileges & ~each.options;
            if (plain != 0)
                say(each.grantor, cat("GRANT ", names(plain), " ON ", target_.on, " TO ", grantee(each)));
            if (each.options != 0)
                say(each.grantor, cat("GRANT ", names(each.options), " ON ", target_.on, " TO ", grantee(each),
                                      " WITH GRANT OPTION"));
        }
    }

    void revoke(const Acl &gone, const Acl &options_gone, const Acl &was)
    {
        Acl all = gone;
        all.add(options_gone);
        for (const Acl::Entry &each : by_distance(all, distances(was), false)) {
            if (const Acl::Entry *lost = find(gone, each))
                say(each.grantor, cat("REVOKE ", names(lost->privileges), " ON ", target_.on, " FROM ", grantee(each)));
            if (const Acl::Entry *lost = find(options_gone, each))
                say(each.grantor,
                    cat("REVOKE GRANT OPTION FOR ", names(lost->options), " ON ", target_.on, " FROM ", grantee(each)));
        }
    }

    std::string names(std::uint32_t bits) const
    {
        if (bits == target_.all)
            return cat("ALL", target_.columns);
        std::string list;
        for (std::size_t i = 0; i < privileges.size(); ++i)
            if ((bits & (std::uint32_t{1} << i)) != 0)
                list += cat(list.empty() ? "" : ", ", privileges[i].name, target_.columns);
        return list;
    }

    static std::string_view grantee(const Acl::Entry &entry)
    {
        return entry.grantee.empty() ? std::string_view("PUBLIC") : std::string_view(entry.grantee);
    }

    // A superuser's GRANT is the owner's: only he himself can grant in the name of another one.
    void say(const std::string &grantor, const std::string &sql)
    {
        const bool other = grantor != target_.owner && target_.prefix.empty();
        if (other)
            statements_.add(cat("SET ROLE ", grantor));
        statements_.add(cat(target_.prefix, sql));
        if (other)
            statements_.add(cat("SET ROLE ", target_.session));
    }

    const GrantTarget &target_;
    Statements &statements_;
};

} // namespace

Acl grant(const Acl &was, const Acl &is, const GrantTarget &target, Statements &statements)
{
    return Granting(target, statements).run(was, is);
}

} // namespace pgmigrate::model
