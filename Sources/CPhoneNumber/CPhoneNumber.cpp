#include "CPhoneNumber.h"

#include <cstring>
#include <string>

#include <phonenumbers/geocoding/phonenumber_offline_geocoder.h>
#include <phonenumbers/phonenumberutil.h>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberOfflineGeocoder;
using i18n::phonenumbers::PhoneNumberUtil;

static bool copy(const std::string &text, char *out, size_t capacity) {
  if (text.empty() || text.size() + 1 > capacity) return false;
  std::memcpy(out, text.c_str(), text.size() + 1);
  return true;
}

bool cpn_normalize(const char *text, const char *region, char *out, size_t capacity) {
  const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  if (util->Parse(text, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return false;
  if (!util->IsValidNumber(number)) return false;
  std::string formatted;
  util->Format(number, PhoneNumberUtil::E164, &formatted);
  return copy(formatted, out, capacity);
}

bool cpn_describe_place(const char *e164, char *out, size_t capacity) {
  static const PhoneNumberOfflineGeocoder geocoder;
  PhoneNumber number;
  const auto error = PhoneNumberUtil::GetInstance()->Parse(e164, "ZZ", &number);
  if (error != PhoneNumberUtil::NO_PARSING_ERROR) return false;
  return copy(geocoder.GetDescriptionForNumber(number, icu::Locale("en", "US")), out, capacity);
}
