// SPDX-License-Identifier: PostgreSQL
#include "model/extension_move.hpp"

#include "model/text.hpp"
#include "model/tokens.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace pgmigrate::model
{

namespace
{

// Schema and name of a member, and the schema that it gets.
using Moves = std::map<std::pair<std::string, std::string>, std::string, std::less<>>;

// What is said by the user, or names no objects.
bool is_text_of_user(std::string_view attribute)
{
    constexpr std::string_view names[] = {"acl",          "comment",         "index_comment", "label_ids", "labels",
                                          "member_names", "options",         "owner",         "source",    "connection",
                                          "depends_on",   "security_labels", "server_options"};
    return std::ranges::find(names, attribute) != std::end(names);
}

class Renamer
{
  public:
    explicit Renamer(const Moves &moves) : moves_(moves) {}

    void rename(std::string &text) const
    {
        // Whoever has no dot names no member.
        if (text.find('.') == std::string::npos)
            return;
        const Tokens tokens = tokens_of(text);
        std::string result;
        std::size_t copied = 0;
        for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
            if (tokens[i + 1] != "." || (i > 0 && tokens[i - 1] == "."))
                continue;
            const auto found =
                moves_.find(std::pair<std::string, std::string>(std::string(tokens[i]), std::string(tokens[i + 2])));
            if (found == moves_.end())
                continue;
            const auto at = static_cast<std::size_t>(tokens[i].data() - text.data());
            result += text.substr(copied, at - copied) + found->second;
            copied = at + tokens[i].size();
        }
        if (copied > 0)
            text = result + text.substr(copied);
    }

    void rename(Object &object) const
    {
        rename(object.identity);
        Attributes renamed;
        for (const Attribute &each : object.attributes) {
            Attribute copy = each;
            if (!is_text_of_user(each.name)) {
                rename(copy.text);
                for (std::string &item : copy.list)
                    rename(item);
            }
            renamed.append(std::move(copy));
        }
        object.attributes = std::move(renamed);
    }

  private:
    const Moves &moves_;
};

} // namespace

std::optional<ExtensionsMoved> move_extensions(const Snapshot &was, const Snapshot &is)
{
    Moves moves;
    std::map<std::string, const Object *> schemas; // that are new, of `is`
    std::map<const Object *, std::string> moved;   // of `was`
    ExtensionsMoved result;
    for (const Object &extension : is.objects()) {
        if (extension.kind != Kind::extension)
            continue;
        const Object *before = was.find(Kind::extension, extension.identity);
        if (before == nullptr || !before->has("relocatable") ||
            before->attributes.same(extension.attributes, "in_schema"))
            continue;
        const std::string to(extension.text("in_schema"));
        if (was.find(Kind::schema, to) == nullptr)
            if (const Object *schema = is.find(Kind::schema, to);
                schema != nullptr && schemas.emplace(to, schema).second) {
                result.moves.add(cat("CREATE SCHEMA ", to));
                result.differences.push_back({Kind::schema, to, "added", cat("CREATE SCHEMA ", to)});
            }
        for (const std::string &member : before->list("member_names"))
            moves.emplace(std::pair(std::string(before->text("in_schema")), member), to);
        moved.emplace(before, to);
        const std::string sql = cat("ALTER EXTENSION ", extension.identity, " SET SCHEMA ", to);
        result.moves.add(sql);
        result.differences.push_back({Kind::extension, extension.identity, "changed: in_schema", sql});
    }
    if (result.moves.empty())
        return std::nullopt;
    const Renamer renamer(moves);
    result.was = Snapshot::like(was);
    result.was.share_names(is);
    // Behind the others: as the role makes them that runs the script.
    std::map<std::string, std::uint32_t> places; // of the schemas
    for (const auto &[name, schema] : schemas)
        places.emplace(name, static_cast<std::uint32_t>(was.size() + places.size()));
    for (const Object &object : was.objects()) {
        Object copy = object;
        renamer.rename(copy);
        if (const auto to = moved.find(&object); to != moved.end()) {
            copy.attributes.set("in_schema", to->second);
            const Object *schema = was.find(Kind::schema, to->second);
            const auto place = places.find(to->second);
            std::erase_if(copy.needs, [&](const Need &need) { return was[need.object].kind == Kind::schema; });
            if (schema != nullptr || place != places.end())
                copy.needs.push_back({schema != nullptr ? was.index_of(*schema) : place->second, 'n'});
        }
        result.was.add(std::move(copy));
    }
    for (const auto &[name, schema] : schemas) {
        Object made = *schema;
        made.needs.clear();
        made.attributes = {};
        made.attributes.set("owner", was.session.role);
        result.was.add(std::move(made));
    }
    result.was.finish();
    return result;
}

} // namespace pgmigrate::model
