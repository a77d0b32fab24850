#include "CPhoneNumber.h"

#include <cstring>

#include <unicode/uidna.h>

// One for the process: UTS #46 objects are immutable and may be used by any thread.
static const UIDNA *shared() {
  static const UIDNA *const idna = [] {
    UErrorCode status = U_ZERO_ERROR;
    const uint32_t options = UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                             UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE;
    UIDNA *made = uidna_openUTS46(options, &status);
    return U_SUCCESS(status) ? made : nullptr;
  }();
  return idna;
}

bool cpn_domain_to_ascii(const char *name, char *out, size_t capacity) {
  const UIDNA *idna = shared();
  if (idna == nullptr || capacity < 2) return false;
  UErrorCode status = U_ZERO_ERROR;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const int32_t size = static_cast<int32_t>(capacity) - 1;
  const int32_t length = uidna_nameToASCII_UTF8(
      idna, name, static_cast<int32_t>(std::strlen(name)), out, size, &info, &status);
  if (U_FAILURE(status) || info.errors != 0 || length < 1 || length > size) return false;
  out[length] = 0;
  return true;
}
