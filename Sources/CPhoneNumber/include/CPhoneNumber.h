#pragma once
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// All functions may be called from any number of threads. The library's parser guards its own caches; its
// geocoder, which loads tables as they are needed, is called under a lock.

/// Writes `text` as E.164 into `out` (at least 17 bytes) when it is a valid number.
/// `region` is the ISO 3166 country assumed when `text` has no leading plus; "ZZ" for none.
bool cpn_normalize(const char *text, const char *region, char *out, size_t capacity);

/// Writes an English description of the place of an E.164 number ("Los Angeles, CA", "California").
/// False when nothing is known.
bool cpn_describe_place(const char *e164, char *out, size_t capacity);

/// Writes the ISO 3166 code of an E.164 number's country ("US", "JM"). False when nothing is known.
bool cpn_country(const char *e164, char *out, size_t capacity);

/// Writes the ASCII form, in lower case, of an internet domain name ("Bücher.example" is
/// "xn--bcher-kva.example"), by UTS #46 non-transitional with the rules of host names (STD 3); 254 bytes are
/// enough. False for what is no such name. Needs nothing of phone numbers, but the same ICU.
bool cpn_domain_to_ascii(const char *name, char *out, size_t capacity);

#ifdef __cplusplus
}
#endif
