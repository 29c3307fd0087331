// SPDX-License-Identifier: PostgreSQL
#include "pg/script.hpp"

#include "pg/script_tokens.hpp"

#include <array>
#include <cstdint>
#include <cstring>

extern "C" {
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "mb/pg_wchar.h"
}

namespace pgmigrate::pg
{

namespace
{

class Sha256
{
  public:
    Sha256() : context_(call([] { return pg_cryptohash_create(PG_SHA256); }))
    {
        if (context_ == nullptr || pg_cryptohash_init(context_) < 0)
            fail();
    }
    Sha256(const Sha256 &) = delete;
    Sha256 &operator=(const Sha256 &) = delete;
    ~Sha256()
    {
        call_noexcept([&] { pg_cryptohash_free(context_); });
    }

    void add(std::string_view bytes)
    {
        buffer_ += bytes;
        if (buffer_.size() >= 65536)
            flush();
    }

    std::string finish()
    {
        flush();
        std::array<std::uint8_t, PG_SHA256_DIGEST_LENGTH> digest{};
        if (pg_cryptohash_final(context_, digest.data(), digest.size()) < 0)
            fail();
        constexpr std::string_view digits = "0123456789abcdef";
        std::string hex;
        for (const std::uint8_t byte : digest) {
            hex += digits[byte >> 4];
            hex += digits[byte & 15];
        }
        return hex;
    }

  private:
    [[noreturn]] void fail()
    {
        const std::string reason = context_ == nullptr ? "out of memory" : pg_cryptohash_error(context_);
        throw core::Error(core::sqlstate::internal_error, "could not compute a checksum: " + reason);
    }
    void flush()
    {
        if (pg_cryptohash_update(context_, reinterpret_cast<const std::uint8_t *>(buffer_.data()), buffer_.size()) < 0)
            fail();
        buffer_.clear();
    }

    pg_cryptohash_ctx *context_;
    std::string buffer_;
};

// What the hash is made of: a kind, a length in eight bytes, and as many bytes. No sequence of these can be read in two
// ways.
class Digest
{
  public:
    void add(char kind, std::string_view bytes)
    {
        std::string head(1, kind);
        for (int shift = 56; shift >= 0; shift -= 8)
            head += static_cast<char>(static_cast<unsigned char>(std::uint64_t{bytes.size()} >> shift));
        hash_.add(head);
        hash_.add(bytes);
    }
    std::string finish() { return hash_.finish(); }

  private:
    Sha256 hash_;
};

bool is_ascii(std::string_view bytes)
{
    for (const char byte : bytes)
        if (IS_HIGHBIT_SET(byte))
            return false;
    return true;
}

// SQL_ASCII says nothing of what the bytes mean: they stay.
std::string to_utf8(std::string_view bytes)
{
    if (GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII || is_ascii(bytes))
        return std::string(bytes);
    const ScratchMemory memory;
    const std::string source(bytes);
    const char *converted = call([&] {
        MemoryContext outer = MemoryContextSwitchTo(memory.get());
        const char *result = pg_server_to_any(source.c_str(), static_cast<int>(source.size()), PG_UTF8);
        MemoryContextSwitchTo(outer);
        return result;
    });
    return converted;
}

// Only ASCII letters. In some encodings the server folds other letters as well, by the rules of the locale: hashed as
// written, they differ at worst where the server would see no difference.
std::string folded(std::string_view word)
{
    std::string result(word);
    for (char &character : result)
        character = static_cast<char>(pg_ascii_tolower(static_cast<unsigned char>(character)));
    return result;
}

// A semicolon counts where it separates something: one between what stands before and after, however many there are.
class ScriptDigest
{
  public:
    ScriptDigest(Digest &digest, const std::string &script) : digest_(digest), script_(script) {}

    void run()
    {
        TokenReader tokens(script_);
        std::size_t end = 0;
        while (const Token *token = tokens.next()) {
            add_directives(end, token->start);
            end = token->end;
            const std::string_view source = std::string_view(script_).substr(token->start, token->end - token->start);
            if (source == ";")
                add_semicolon();
            else
                add_token(*token, source);
        }
        add_directives(end, script_.size());
    }

  private:
    // A directive is a comment to the scanner, but it changes how the script runs. It belongs to the statement below,
    // whichever side of a further semicolon it stands on.
    void add_directives(std::size_t start, std::size_t end)
    {
        if (std::memchr(script_.data() + start, '-', end - start) == nullptr)
            return;
        Directive directive{};
        while (next_directive(script_, start, end, directive)) {
            add_separator();
            digest_.add('d', folded(directive.words));
        }
    }

    void add_semicolon()
    {
        waiting_ = waiting_ || behind_token_;
        behind_token_ = false;
    }

    void add_separator()
    {
        if (waiting_)
            digest_.add(static_cast<char>(TokenKind::symbol), ";");
        waiting_ = false;
    }

    void add_token(const Token &token, std::string_view source)
    {
        add_separator();
        behind_token_ = true;
        const char kind = static_cast<char>(token.kind);
        if (token.value != nullptr)
            digest_.add(kind, to_utf8(token.value));
        else if (token.kind == TokenKind::word)
            digest_.add(kind, to_utf8(folded(source)));
        else
            digest_.add(kind, to_utf8(source));
    }

    Digest &digest_;
    const std::string &script_;
    bool behind_token_ = false; // of the statement, with no semicolon since
    bool waiting_ = false;      // a semicolon, for what follows it
};

} // namespace

std::string checksum(const std::vector<ChecksumPart> &parts)
{
    Digest digest;
    for (const ChecksumPart &part : parts) {
        if (!part.text) {
            digest.add('-', {});
        } else if (part.is_script) {
            digest.add('{', {});
            ScriptDigest(digest, *part.text).run();
            digest.add('}', {});
        } else {
            digest.add('=', to_utf8(*part.text));
        }
    }
    return digest.finish();
}

} // namespace pgmigrate::pg
